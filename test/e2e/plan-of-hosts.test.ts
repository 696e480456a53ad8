// One plan for several hosts: what is sent, what runs there, and what is refused before a login.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { TestProject } from "../support/deploy-project.ts";
import { eventsIn } from "../support/events-schema.ts";
import { planOf, stepsOf } from "../support/plan-events.ts";
import { startSandboxServer, type TestServer } from "../support/servers.ts";
import { picture } from "../support/tree-picture.ts";

const PROD = `[buildout]
parts = page
[page]
recipe = collective.recipe.template
output = parts/page/index.html
input = files/page.in
`;

let server: TestServer;
let project: TestProject;

async function configure(options: Record<string, string> = {}): Promise<void> {
  const lines = ["host1", "host2"].map((name) => {
    const path = join(server.home, name);
    return `[${name}]\n${project.hostLines(server, { include: "files", path, ...options })}`;
  });
  project.write({
    "buildout.cfg": `[buildout]\nparts = host1 host2\ndevelop = src/pkg\n${lines.join("")}`,
  });
  expect((await project.buildout()).status).toBe(0);
}

beforeAll(async () => {
  server = await startSandboxServer();
  project = new TestProject({
    "prod.cfg": PROD,
    "files/page.in": "one\n".repeat(20_000),
    "src/pkg/package.json": '{"name": "pkg", "version": "1.0.0", "files": ["index.js"]}\n',
    "src/pkg/index.js": "",
  });
  await configure();
});

afterAll(async () => {
  project?.remove();
  await server?.close();
});

/** Deploys to host1; returns the bytes in its plan, and the bytes sent. */
async function bytes(): Promise<[planned: number, sent: number]> {
  const plan = planOf((await project.hostout("host1", "plan", "--json")).stdout);
  const { stdout, status } = await project.hostout("host1", "deploy", "--json");
  expect(status).toBe(0);
  const deployed = eventsIn(stdout, "hostout").find(({ type }) => type === "deployed")!;
  return [plan.bytes, deployed.bytes as number];
}

test("the last line of the deployment reports sending what the plan announced", async () => {
  const [planned, sent] = await bytes();
  expect(Math.abs(planned - sent) / sent).toBeLessThan(0.02);
  // The engine is most of it.
  expect(sent).toBeGreaterThan(200_000);
  project.write({ "files/page.in": "two\n".repeat(10_000), "src/pkg/index.js": "1" });
  const [again, sentAgain] = await bytes();
  expect(Math.abs(again - sentAgain) / sentAgain).toBeLessThan(0.02);
  expect(sentAgain).toBeLessThan(sent / 2);
});

test("a plan of all hosts is saved in one file, and each host is followed or refused", async () => {
  const file = join(project.scratch, "plan.json");
  const deploy = (...hosts: string[]) => project.hostout(...hosts, "deploy", "--from", file);
  expect((await project.hostout("all", "plan", "--out", file)).stdout).toMatch(
    /^host1 {2}release \d+ .*[\s\S]*^host2 {2}nothing deployed {2}->/m,
  );
  writeFileSync(join(server.home, "host1/files/page.in"), "by hand\n");
  const refused = await deploy("all");
  expect(refused.status).toBe(1);
  expect(refused.stderr).toContain(
    "host1 has files that were changed by hand since the plan was made.",
  );
  expect(readFileSync(join(server.home, "host1/files/page.in"), "utf8")).toBe("by hand\n");
  expect((await project.hostout("all", "plan", "--out", file)).status).toBe(0);
  expect(await deploy("all")).toMatchObject({ status: 0 });
  const late = await deploy("host2");
  expect([late.status, late.stderr]).toEqual([
    ...[1, expect.stringMatching(/^Error: host2 is at release \d+, but the plan was made/m)],
  ]);
});

test("other programs that run on the host are listed, and are the ones that run", async () => {
  project.write({ "fabfile.mjs": `export function initcommand() { console.log("first"); }\n` });
  await configure({
    fabfiles: "fabfile.mjs",
    "data-version": "echo v7",
    "pre-commands": "echo pre",
  });
  const { stdout } = await project.hostout("host1", "plan");
  expect(stdout).toMatch(/^Commands +before: echo pre\n +after: echo v7 \(data-version\)$/m);
  expect(stdout).toContain(
    "'initcommand' of fabfile.mjs runs before each command; its effects are unknown",
  );
  expect(stdout).not.toContain("first\n");
  const plan = planOf((await project.hostout("host1", "plan", "--json")).stdout);
  expect(stepsOf((await project.hostout("host1", "deploy", "--json")).stdout)).toEqual(plan.steps);
});

test("a plan that cannot be that of the host is refused before a login", async () => {
  const file = join(project.scratch, "plan.json");
  expect((await project.hostout("all", "plan", "--out", file)).status).toBe(0);
  const before = picture(server.home);
  // Nothing listens there, so any login fails.
  const gone = "127.0.0.2:1";
  const address = `${server.host}:${server.port}`;
  const refused = async (options: Record<string, string>) => {
    await configure({ fabfiles: "fabfile.mjs", host: gone, ...options });
    const { status, stderr } = await project.hostout("host2", "deploy", "--from", file);
    expect(status).toBe(1);
    return stderr;
  };
  expect(await refused({})).toContain(
    `The plan is for ${server.home}/host2 on ${address}; host2 is ${server.home}/host2 on ${gone}`,
  );
  const text = readFileSync(file, "utf8");
  writeFileSync(file, text.replaceAll(JSON.stringify(address), JSON.stringify(gone)));
  expect(await refused({ "data-version": "true" })).toContain(
    "host2 has different options than when the plan was made.",
  );
  expect(await refused({ path: "/elsewhere" })).toContain("host2 is /elsewhere on ");
  writeFileSync(file, text.slice(0, -20));
  expect(await refused({})).toContain("plan.json is not a plan.");
  expect(picture(server.home)).toEqual(before);
});
