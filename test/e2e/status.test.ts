// status: the state of one host, and of several; which states are problems.
import { once } from "node:events";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { TestProject } from "../support/deploy-project.ts";
import { eventsIn } from "../support/events-schema.ts";
import { startSandboxServer, type TestServer } from "../support/servers.ts";

let server: TestServer;
let project: TestProject;
let app: string;

beforeAll(async () => {
  server = await startSandboxServer();
  app = join(server.home, "app");
  project = new TestProject({
    "prod.cfg":
      "[buildout]\nparts = page\n[page]\nrecipe = collective.recipe.template\noutput = page\ninput = inline: one\n",
    "files/one": "one",
  });
  const one = project.hostLines(server, {
    include: "files",
    "health-check": "! grep ill files/one",
    "health-passes": "1",
  });
  const two = project.hostLines(server, { path: join(server.home, "app2") });
  project.write({
    "buildout.cfg": `[buildout]\nparts = host1 host2\n[host1]\n${one}[host2]\n${two}`,
  });
  expect(await project.buildout()).toMatchObject({ status: 0 });
});

afterAll(async () => {
  project?.remove();
  await server?.close();
});

const status = (...words: string[]) => project.hostout("-q", ...words, "status");

test("a host without a release is not well", async () => {
  const { status: code, stdout } = await status("host1");
  expect([code, stdout]).toEqual([1, expect.stringMatching(/^host1 {2}has problems$/m)]);
  expect(stdout).toMatch(/^Problems +(there is no .*app|nothing is deployed)$/m);
});

test("a deployed one is shown with its state", async () => {
  expect(await project.hostout("host1", "deploy")).toMatchObject({ status: 0 });
  const { status: code, stdout, stderr } = await status("host1");
  expect([stderr, code]).toEqual(["", 0]);
  expect(stdout).toMatch(
    /^host1 {2}well\nRelease +1 \(\w{12}, .+@.+, just now\)\nLock +free\nHand edits +none\nHealth +healthy: exit status 0 \(! grep ill files\/one\)\nDisk +\d.* free of \d.*\nKept +1 release, \d.*\n$/,
  );
  const { stdout: lines } = await project.hostout("--json", "host1", "status");
  const event = eventsIn(lines, "hostout").find(({ type }) => type === "status");
  expect(event).toMatchObject({
    ...{ host: "host1", ok: true, problems: [], locks: [], drift: [] },
    release: { number: 1, result: "ok" },
    health: { check: "! grep ill files/one", answer: { ok: true, exit: 0, lines: [] } },
    disk: { free: expect.any(Number), total: expect.any(Number) },
    kept: { releases: 1, bytes: expect.any(Number) },
  });
});

test("requesting a URL needs no sudo, though commands run as the effective user", async () => {
  const web = createServer((_request, response) => response.end());
  await once(web.listen(0, "127.0.0.1"), "listening");
  try {
    const url = `http://127.0.0.1:${(web.address() as AddressInfo).port}/`;
    const options = ["host1:effective-user=no-such-user", `host1:health-check=${url}`];
    expect(await project.buildout(...options)).toMatchObject({ status: 0 });
    const { stdout } = await status("host1");
    expect(stdout).toMatch(/^Health +healthy: HTTP 200 \(http:/m);
  } finally {
    web.close();
    expect(await project.buildout()).toMatchObject({ status: 0 });
  }
});

test("problems are named, and nothing is repaired", async () => {
  writeFileSync(join(app, "files/one"), "ill");
  mkdirSync(join(app, "bin"), { recursive: true });
  writeFileSync(
    join(app, "bin/supervisorctl"),
    "#!/bin/sh\necho \"$@\" > asked\necho 'web RUNNING pid 7'\necho 'worker FATAL too quick'\nexit 3\n",
    { mode: 0o755 },
  );
  await project.hostout("host1", "lock", "acquire", "-m", "the database moves");
  const { status: code, stdout } = await status("host1");
  expect(code).toBe(1);
  expect(stdout).toMatch(/^Lock +host1 is held by .*: the database moves$/m);
  expect(stdout).toMatch(/^Hand edits +files\/one \(changed\)$/m);
  expect(stdout).toMatch(/^Health +not healthy: exit status 1 \(.*\)\n +ill$/m);
  expect(stdout).toMatch(/^Programs +web RUNNING pid 7\n +worker FATAL too quick$/m);
  expect(stdout).toMatch(
    /^Problems +1 file was changed by hand\n +not healthy \(exit status 1\)\n +not running: worker$/m,
  );
  expect(readFileSync(join(app, "files/one"), "utf8")).toBe("ill");
});

test("several hosts are one line each, and unhealthy ones are highlighted", async () => {
  expect(await project.hostout("host2", "deploy")).toMatchObject({ status: 0 });
  const { status: code, stdout } = await status("host1", "host2");
  expect(code).toBe(1);
  const [head, one, two, ...more] = stdout.trimEnd().split("\n");
  expect(head).toMatch(/^ +HOST +RELEASE +WHEN +WHO +LOCK +EDITS +HEALTH +FREE +PROBLEMS$/);
  expect(one).toMatch(
    /^! +host1 +1 \(\w{7}\) .* locked +1 +NOT HEALTHY +\d.* 1 file was changed by hand; /,
  );
  expect(two).toMatch(/^ +host2 +1 \(\w{7}\) +\S.*$/);
  expect(more).toEqual([]);
});

test("an extra argument is wrong usage", async () => {
  expect(await project.hostout("host1", "status", "web")).toMatchObject({
    status: 2,
    stderr: expect.stringContaining("'status' takes no arguments: 'web'."),
  });
});
