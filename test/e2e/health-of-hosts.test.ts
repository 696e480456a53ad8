// Which hosts go back with one that is not healthy.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { TestProject } from "../support/deploy-project.ts";
import { eventsIn } from "../support/events-schema.ts";
import { startSandboxServer, type TestServer } from "../support/servers.ts";

const NAMES = ["web1", "web2", "web3", "web4"];

let server: TestServer;
let project: TestProject;

beforeAll(async () => {
  server = await startSandboxServer();
  project = new TestProject({
    "prod.cfg": `[buildout]
parts = page
[page]
recipe = collective.recipe.template
output = page.html
input = files/page.in
`,
    "files/page.in": "one",
  });
});

afterAll(async () => {
  project?.remove();
  await server?.close();
});

const path = (name: string) => join(server.home, name);

async function configure(scope: string): Promise<void> {
  const options = {
    ...{ include: "files", "health-check": "! grep broken page.html || test ! -e sick" },
    ...{ "health-passes": "1", "health-timeout": "2", rollout: "1 3 100%" },
    "rollback-on-failure": scope,
  };
  const parts = NAMES.map(
    (name) => `[${name}]\n${project.hostLines(server, { path: path(name), ...options })}`,
  );
  project.write({ "buildout.cfg": `[buildout]\nparts = ${NAMES.join(" ")}\n${parts.join("")}` });
  const made = await project.buildout();
  expect([made.stderr, made.status]).toEqual(["", 0]);
}

async function deploy(text: string) {
  project.write({ "files/page.in": text });
  const outcome = await project.hostout("all", "deploy");
  const pages = NAMES.map((name) => readFileSync(join(path(name), "page.html"), "utf8"));
  return { ...outcome, pages };
}

/** web3 is unhealthy with a page that says "broken". */
const fallIll = () => writeFileSync(join(path("web3"), "sick"), "");

test("those of its batch", async () => {
  await configure("batch");
  expect((await deploy("one")).status).toBe(0);
  fallIll();
  const { status, stdout, stderr, pages } = await deploy("broken 1");
  expect(status).toBe(1);
  expect(pages).toEqual(["broken 1", "one", "one", "one"]);
  expect(stderr).toContain("web3 is not healthy");
  expect(stdout).toContain("web2 is rolled back, since web3 is not healthy");
  expect(stdout).toMatch(/^web1 {2}done .*\nweb2 {2}rolled back .*\nweb3 {2}rolled back /m);
  expect(stdout).toMatch(/^1 of 4 hosts done, 3 rolled back\.\nAgain: .* web2 web3 web4 deploy$/m);
});

test("all that have the release, and only those", async () => {
  await configure("all");
  const { status, stdout, pages } = await deploy("broken 2");
  expect(status).toBe(1);
  expect(pages).toEqual(["broken 1", "one", "one", "one"]);
  expect(stdout).toMatch(/^0 of 4 hosts done, 4 rolled back\.$/m);
  const list = await project.hostout("--json", "web1", "releases");
  const [releases] = eventsIn(list.stdout, "hostout").flatMap((event) =>
    event.type === "result" ? [event.value as { result: string; reason?: string }[]] : [],
  );
  expect(
    releases?.some(({ result, reason }) => result === "bad" && /web3/.test(reason ?? "")),
  ).toBe(true);
  // web1 has the release already: nothing is new there that could go back.
  const again = await deploy("broken 1");
  expect(again.pages).toEqual(["broken 1", "one", "one", "one"]);
});
