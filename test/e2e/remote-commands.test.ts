// Each command on a host has its price: the login shell of some takes half a second to start.
import {
  chmodSync,
  cpSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { TestProject } from "../support/deploy-project.ts";
import { PAGE_FILES } from "../support/page-files.ts";
import {
  scratchFolder,
  sshdMissing,
  startSshdServer,
  type TestServer,
} from "../support/servers.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));

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

  test("a changed file that no build reads takes two: look, send", async () => {
    const include = "templates\nstatic";
    project.write({ "static/style.css": "1" });
    project.writeHost(server, { path, include });
    await project.buildout();
    await commandsOf("deploy");
    project.write({ "static/style.css": "2" });
    expect(await commandsOf("deploy")).toBe(2);
    expect(readFileSync(join(path, "static/style.css"), "utf8")).toBe("2");
  });

  test("what it needs is in the core of the program", async () => {
    await commandsOf("deploy");
    // Debian's ssh_config has such a line.
    mkdirSync(join(project.scratch, ".ssh"), { recursive: true });
    writeFileSync(join(project.scratch, ".ssh/config"), "Include conf.d/*.conf\n", { mode: 0o600 });
    const copy = join(scratch, "copy");
    const parts = ["cli", "programs", "engine.cjs"].map((name) => join("dist", name));
    for (const name of [...parts, "package.json"]) {
      const filter = (file: string) => basename(file) !== ".compiled";
      cpSync(join(root, name), join(copy, name), { recursive: true, filter });
    }
    symlinkSync(join(root, "node_modules"), join(copy, "node_modules"));
    const command = join(project.directory, "bin/hostout");
    writeFileSync(command, readFileSync(command, "utf8").replaceAll(root, `${copy}/`));
    expect(await project.hostout("host1", "deploy")).toMatchObject({ status: 0, stderr: "" });
    const compiled = readdirSync(join(copy, "dist/programs/.compiled"));
    expect(compiled.map((name) => name.replace(/-v.*/, "")).sort()).toEqual([
      "hostout",
      "local-files",
    ]);
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
