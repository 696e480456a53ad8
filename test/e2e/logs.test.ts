import { appendFileSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { TestProject } from "../support/deploy-project.ts";
import { startSandboxServer, type TestServer } from "../support/servers.ts";

let server: TestServer;
let project: TestProject;
let log: string;

beforeAll(async () => {
  server = await startSandboxServer();
  log = join(server.home, "app/var/log/web.log");
  mkdirSync(join(log, ".."), { recursive: true });
  writeFileSync(log, "one\ntwo\nthree\n");
  project = new TestProject({ "prod.cfg": "[buildout]\nparts =\n" });
  project.writeHost(server);
  expect(await project.buildout()).toMatchObject({ status: 0 });
});

afterAll(async () => {
  project?.remove();
  await server?.close();
});

const lines = (stdout: string) => stdout.match(/(?<= out: ).*/g) ?? [];

test("shows the last lines of log-files, or of those named", async () => {
  const all = await project.hostout("host1", "logs");
  expect([all.status, lines(all.stdout)]).toEqual([0, ["one", "two", "three"]]);
  const some = await project.hostout("host1", "logs", "-n2", "--grep", "o", "var/log/w*.log");
  expect([some.status, lines(some.stdout)]).toEqual([0, ["one", "two"]]);
  const none = await project.hostout("host1", "logs", "var/log/none.log");
  expect([none.status, none.stdout]).toEqual([
    1,
    expect.stringContaining("err: there is no var/log/none.log"),
  ]);
});

test.each([
  [["-n", "many"], "needs a number of lines, not 'many'."],
  [
    ["../other.log"],
    "takes files below the path of the host, or absolute ones, not '../other.log'.",
  ],
  [["--gerp", "x"], "Did you mean '--grep'?"],
  [["--grep", "("], "'(' is not a regular expression for grep -E."],
])("%j is wrong usage", async (words, message) => {
  const { status, stderr } = await project.hostout("host1", "logs", ...words);
  expect([status, stderr]).toEqual([2, expect.stringContaining(message)]);
});

test("follows until Ctrl-C", async () => {
  const running = project.startHostout("host1", "logs", "-f", "-n", "1");
  await running.said(" out: three\n");
  appendFileSync(log, "four\n");
  await running.said(" out: four\n");
  running.child.kill("SIGINT");
  expect((await running.outcome).status).toBe(130);
});
