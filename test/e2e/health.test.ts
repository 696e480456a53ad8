// Deployments and rollbacks if an application is not healthy.

import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { TestProject } from "../support/deploy-project.ts";
import { eventsIn } from "../support/events-schema.ts";
import { startSandboxServer, type TestServer } from "../support/servers.ts";

const files = {
  "prod.cfg": `[buildout]
parts = page
[page]
recipe = collective.recipe.template
output = parts/page/index.html
input = files/page.in
`,
  "files/page.in": "one",
};

let server: TestServer;
let project: TestProject;
let web: Server;
let url: string;
/** The response of the application. */
let status: number;
let app: string;
let count = 0;

/** Makes `[host1]` with a directory of its own. */
async function configure(options: Record<string, string>): Promise<void> {
  count += 1;
  app = join(server.home, `app${count}`);
  const usual = { include: "files", path: app, "health-passes": "1" };
  const lines = project.hostLines(server, { ...usual, ...options });
  project.write({ "buildout.cfg": `[buildout]\nparts = host1\n[host1]\n${lines}` });
  const made = await project.buildout();
  expect([made.stderr, made.status]).toEqual(["", 0]);
}

async function deploy(text: string, ...options: string[]) {
  project.write({ "files/page.in": text });
  const outcome = await project.hostout(...options, "host1", "deploy");
  return { ...outcome, stderr: outcome.stderr.replace(/^Added the .*\n/, "") };
}

const page = (below = "") => readFileSync(join(app, below, "parts/page/index.html"), "utf8");

/** The release that the host is at, and how each attempt went. */
async function releases(): Promise<string[]> {
  const { stdout } = await project.hostout("--json", "host1", "releases");
  const list = eventsIn(stdout, "hostout").flatMap((event) =>
    event.type === "result" ? [event.value] : [],
  );
  return (list[0] as { number: number; current: boolean; result: string; reason?: string }[]).map(
    ({ number, current, result, reason }) =>
      `${current ? "*" : ""}${number} ${result}${reason === undefined ? "" : `: ${reason}`}`,
  );
}

/** A command that passes while the page is as it should be. */
const PAGE = "! grep broken parts/page/index.html";

beforeAll(async () => {
  server = await startSandboxServer();
  web = createServer((_, response) => response.writeHead(status).end("answer\nmore"));
  await new Promise<void>((resolve) => web.listen(0, "127.0.0.1", resolve));
  url = `http://127.0.0.1:${(web.address() as AddressInfo).port}/ok`;
  project = new TestProject(files);
});

beforeEach(() => {
  status = 200;
});

afterAll(async () => {
  project?.remove();
  await server?.close();
  web?.close();
});

test("a healthy release is deployed; if the first one is unhealthy, there is none to go back to", async () => {
  await configure({ "health-check": url, "health-passes": "3", "health-timeout": "10" });
  status = 500;
  const first = await deploy("one");
  expect(first).toMatchObject({
    status: 1,
    stderr: `Error: host1 is not healthy: '${url}' did not pass 3 times in a row within 10 s.
  The last answers:
    ${first.stderr.match(/\d+ times(?= HTTP)/)?.[0]} HTTP 500: answer
  It is the first release: there is none to roll back to.
  host1 is at release 1 (${id(first.stderr)}), which is marked as bad.
`,
  });
  expect(await releases()).toEqual(["*1 bad: unhealthy"]);
  // It was not the release.
  status = 200;
  const again = await deploy("one");
  expect([again.stderr, again.status]).toEqual(["", 0]);
  expect(again.stdout).toMatch(/host1 is healthy: passed 3 times in a row, \d+ s\n/);
  expect(again.stdout).toMatch(/Done: host1 is at release 1 /);
  expect(await releases()).toEqual(["*1 ok"]);
  // Nor is it a reason to go anywhere.
  status = 503;
  const third = await deploy("one");
  expect(third.stderr).toContain(
    "  The deployment made no new release, so nothing is rolled back.\n",
  );
  expect(third.stderr).toMatch(/\n {2}host1 is at release 1 \(\w{12}\)\.\n$/);
  expect(await releases()).toEqual(["*1 ok"]);
});

const id = (text: string) => /release \d+ \((\w{12})\)/.exec(text)?.[1];

test.each([
  ["in place", {}],
  ["atomic", { atomic: "true" }],
])("a release that is not healthy is rolled back, %s", async (kind, more) => {
  const current = kind === "atomic" ? "current" : "";
  await configure({
    ...{ "health-check": PAGE, "health-timeout": "5", "health-logs": "var/log/*.log var/none" },
    "post-commands": "mkdir -p var/log\necho started >> var/log/app.log",
    ...more,
  });
  expect(await deploy("one")).toMatchObject({ status: 0, stderr: "" });
  const failed = await deploy("broken");
  expect([failed.status, page(current)]).toEqual([1, "one"]);
  expect(failed.stderr).toMatch(/^Error: host1 is not healthy: '! grep broken .*' did not pass/);
  expect(failed.stderr).toMatch(
    /\n {4}\d+ times exit status 1\n {6}broken\n {2}var\/log\/app.log:\n {4}started\n/,
  );
  expect(failed.stderr).toMatch(
    /\n {2}host1 is at release 1 \(\w{12}\) again, which is healthy\.\n$/,
  );
  expect(failed.stdout).toContain("Release 2 is marked as bad");
  expect(await releases()).toEqual(["*1 ok", "2 bad: unhealthy"]);
  // The next one skips it, too.
  expect(await deploy("broken again")).toMatchObject({ status: 1 });
  expect(await releases()).toEqual(["*1 ok", "2 bad: unhealthy", "3 bad: unhealthy"]);
  expect(await deploy("two")).toMatchObject({ status: 0, stderr: "" });
  expect([page(current), await releases()]).toEqual([
    "two",
    ["1 ok", "2 bad: unhealthy", "3 bad: unhealthy", "*4 ok"],
  ]);
  expect(existsSync(join(app, "current"))).toBe(kind === "atomic");
});

test("one that is not healthy after the rollback either is reported", async () => {
  await configure({ "health-check": url, "health-timeout": "5", "health-interval": "1" });
  expect(await deploy("one")).toMatchObject({ status: 0 });
  status = 500;
  const failed = await deploy("two", "--json");
  const events = eventsIn(failed.stdout, "hostout");
  const error = events.find((event) => event.type === "error");
  expect(error).toMatchObject({ code: "unhealthy", host: "host1" });
  expect(error).toMatchObject({
    output: expect.stringMatching(
      /HTTP 500: answer\nAfter the rollback:\nThe last answers:\n.*HTTP 500/,
    ),
    hint: expect.stringMatching(/^host1 is at release 1 \(\w{12}\), which is not healthy\.$/),
  });
  const health = events.filter((event) => event.type === "health");
  expect(health).toHaveLength(2);
  expect(health[0]).toMatchObject({
    ...{ healthy: false, check: url, passes: 0, wanted: 1, logs: [] },
    answers: expect.arrayContaining([{ ok: false, status: 500, lines: ["answer"] }]),
  });
  expect(events.filter((event) => event.type === "health-try").length).toBeGreaterThan(1);
  expect(events.at(-1)).toMatchObject({ type: "done", ok: false, failed: ["host1"] });
  expect(await releases()).toEqual(["*1 ok", "2 bad: unhealthy"]);
  status = 200;
  expect(await project.hostout("host1", "rollback", "2")).toMatchObject({ status: 0, stderr: "" });
  status = 500;
  const back = await project.hostout("host1", "rollback");
  expect([back.status, page()]).toEqual([1, "one"]);
  expect(back.stderr).toMatch(/release 1 \(\w{12}\), which is not healthy\.\n$/);
});

test("nothing is rolled back if the options or the data forbid it", async () => {
  await configure({ "health-check": PAGE, "health-timeout": "5", "rollback-on-failure": "no" });
  expect(await deploy("one")).toMatchObject({ status: 0 });
  const stays = await deploy("broken");
  expect([stays.status, page()]).toEqual([1, "broken"]);
  expect(stays.stderr).toMatch(
    /rollback-on-failure = no\n.* release 2 .*, which is marked as bad\.\n$/,
  );
  expect(await releases()).toEqual(["1 ok", "*2 bad: unhealthy"]);

  await configure({
    "health-check": PAGE,
    "health-timeout": "5",
    "data-version": "cat files/page.in",
  });
  expect(await deploy("one")).toMatchObject({ status: 0 });
  const migrated = await deploy("broken");
  expect([migrated.status, page()]).toEqual([1, "broken"]);
  expect(migrated.stderr).toMatch(
    /It is not rolled back. The data version on host1 is 'broken'; for release 1 it was 'one'.\n.* release 2 /,
  );
  expect(await releases()).toEqual(["1 ok", "*2 bad: unhealthy"]);
});

test("a plan lists the check, and no password of it is shown anywhere", async () => {
  const secret = url.replace("//", "//ann:top%20secret@");
  await configure({ "health-check": secret, "health-passes": "1" });
  const plan = await project.hostout("host1", "deploy", "--plan");
  expect(plan.stdout).toContain(
    ` after: ${url.replace("//", "//***@")} (health check, 1 pass within 30 s)`,
  );
  const text = await deploy("one");
  expect(text).toMatchObject({ status: 0, stderr: "" });
  status = 500;
  const json = await deploy("two", "--json", "-D");
  expect(json.status).toBe(1);
  const all = [plan, text, json].map(({ stdout, stderr }) => stdout + stderr).join("");
  expect(all).toContain("***@");
  expect(all).not.toMatch(/top.{0,3}secret|YW5uOnRvcCBzZWNyZXQ/);

  writeFileSync(join(project.directory, "token"), "hunter2");
  const lines = project.hostLines(server, {
    include: "files",
    path: app,
    "health-check": "echo ${secrets:token}; false",
  });
  project.write({
    "buildout.cfg": `[buildout]\nparts = host1\n[secrets]\ntoken = file:token\n[host1]\n${lines}`,
  });
  expect(await project.buildout()).toMatchObject({ status: 0 });
  const hidden = await project.hostout("host1", "deploy", "-D");
  expect(hidden.stderr).toContain("'echo ***; false' did not pass");
  expect(hidden.stderr).toMatch(/exit status 1\n +\*\*\*\n/);
  expect(hidden.stdout + hidden.stderr).not.toContain("hunter2");
  rmSync(join(project.directory, "token"));
});

test.each([
  [{ "health-passes": "30" }, "health-timeout: 30 passes, one each 1 s, take longer than 5 s."],
  [{ "health-interval": "0" }, "health-interval: '0' is not a number of at least 1."],
  [{ "health-check": "http://a b/" }, "health-check: This is not a URL."],
  [{ "health-logs": "../other/*.log" }, "health-logs: '../other/*.log' is not below 'path'."],
  [
    { "rollback-on-failure": "hosts" },
    "rollback-on-failure: 'hosts' is not one of host, batch, all, no.",
  ],
])("%o is refused before anything happens", async (options, message) => {
  await configure({ "health-check": url, "health-timeout": "5", ...options });
  const { status, stderr } = await project.hostout("host1", "deploy");
  expect([status, stderr]).toEqual([1, expect.stringContaining(`Error: host1:${message}`)]);
  expect(existsSync(app)).toBe(false);
});

test("lint knows the options", async () => {
  await configure({ "health-check": url, "health-pases": "2", "rollback-on-failure": "hots" });
  const { stdout, stderr } = await project.start(
    new URL("../../bin/buildout", import.meta.url).pathname,
    ["lint"],
  ).outcome;
  expect(stdout + stderr).toContain(
    "host1:rollback-on-failure: 'hots' is not one of host, batch, all, no.",
  );
  expect(stdout + stderr).toContain("health-passes");
});
