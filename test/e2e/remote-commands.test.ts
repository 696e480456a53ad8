// Each command on a host has its price: the login shell of some takes half a second to start.
import { chmodSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { TestProject } from "../support/deploy-project.ts";
import { PAGE_FILES } from "../support/page-files.ts";
import {
  scratchFolder,
  sshdMissing,
  startSshdServer,
  type TestServer,
} from "../support/servers.ts";

describe.skipIf(sshdMissing !== undefined)(`commands on a host ${sshdMissing ?? ""}`, () => {
  let scratch: string;
  let log: string;
  let server: TestServer;
  let project: TestProject;
  let path: string;
  let count = 0;

  beforeAll(async () => {
    scratch = await scratchFolder();
    chmodSync(scratch, 0o755);
    log = join(scratch, "log");
    const counter = join(scratch, "counter");
    writeFileSync(
      counter,
      `#!/bin/sh\necho x >> ${log}\nexec /bin/sh -c "$SSH_ORIGINAL_COMMAND"\n`,
      { mode: 0o755 },
    );
    server = await startSshdServer([`ForceCommand ${counter}`]);
    project = new TestProject({ ...PAGE_FILES, "prod.cfg": "[buildout]\nextends = base.cfg\n" });
  });

  afterAll(async () => {
    project?.remove();
    await server?.close();
    rmSync(scratch, { recursive: true, force: true });
  });

  beforeEach(async () => {
    count += 1;
    path = join(server.home, `new${count}`, "app");
    project.writeHost(server, { path, include: "templates" });
    expect(await project.buildout()).toMatchObject({ status: 0, stderr: "" });
  });

  /** The number of commands on the host that these words take. */
  async function commandsOf(...words: string[]): Promise<number> {
    writeFileSync(log, "");
    chmodSync(log, 0o666);
    const outcome = await project.hostout("host1", ...words);
    expect(outcome.stderr).not.toContain("Error");
    expect(outcome.status).toBe(0);
    return readFileSync(log, "utf8").length / 2;
  }

  test("a deployment to a new path takes four: look, set up, send, build", async () => {
    expect(await commandsOf("deploy")).toBe(4);
    expect(readFileSync(join(path, "parts/page/index.html"), "utf8")).toContain("<p>");
    expect(await commandsOf("deploy")).toBe(1);
  });

  test("one to an empty directory takes as many", async () => {
    mkdirSync(path, { recursive: true, mode: 0o777 });
    chmodSync(join(path, ".."), 0o777);
    chmodSync(path, 0o777);
    expect(await commandsOf("deploy")).toBe(4);
  });

  test("the first one to a host that has the engine takes three", async () => {
    expect(await commandsOf("bootstrap")).toBe(2);
    expect(await commandsOf("deploy")).toBe(3);
  });

  test("of two first deployments, one sets up the host and the other waits", async () => {
    const outcomes = await Promise.all(
      [1, 2].map(() => project.hostout("--lock-wait=60", "host1", "deploy")),
    );
    expect(outcomes.map(({ status }) => status)).toEqual([0, 0]);
    const notes = outcomes.map(({ stdout }) => stdout.match(/Installing the buildout engine/g));
    expect(notes.flat().filter((note) => note !== null)).toHaveLength(1);
  });
});
