import {
  chmodSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { nodeInstallLine } from "../../src/deploy/host/operating-system.ts";
import { TestProject } from "../support/deploy-project.ts";
import {
  scratchFolder,
  sshdMissing,
  startSshdServer,
  type TestServer,
} from "../support/servers.ts";

describe.skipIf(sshdMissing !== undefined)(`the host's Node ${sshdMissing ?? ""}`, () => {
  let tools: string;
  let server: TestServer;
  let project: TestProject;

  beforeEach(async () => {
    // Everything that a login finds on its PATH here, but no Node.
    const scratch = await scratchFolder();
    chmodSync(scratch, 0o755);
    tools = join(scratch, "bin");
    mkdirSync(tools, { mode: 0o755 });
    for (const name of readdirSync("/usr/bin")) {
      if (!/^node/.test(name)) symlinkSync(join("/usr/bin", name), join(tools, name));
    }
    server = await startSshdServer([`SetEnv PATH=${tools}`]);
    project = new TestProject({ "prod.cfg": "[buildout]\nparts =\n" });
    project.write({
      "buildout.cfg": `[buildout]\nparts = host1\n[host1]\n${project.hostLines(server)}`,
    });
    expect((await project.buildout()).status).toBe(0);
  });

  afterEach(async () => {
    project?.remove();
    await server?.close();
    rmSync(join(tools, ".."), { recursive: true, force: true });
  });

  const launcher = () => readFileSync(join(server.home, "app/bin/buildout"), "utf8");
  const copy = `buildout-cache/USER/node/node-${process.version}-${process.platform}-${process.arch}`;

  test("that is missing is replaced by a copy of this machine's", async () => {
    const outcome = await project.hostout("--json", "host1", "deploy");
    expect(outcome.stderr).not.toContain("Error");
    expect(outcome.status).toBe(0);
    const events = outcome.stdout
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line));
    // Bytes transferred, including those of npm.
    const sent = (name: string) => {
      const last = events
        .filter(
          (event: { type: string; name?: string }) =>
            event.type === "transfer" && event.name === name,
        )
        .at(-1);
      return last.sent ?? last.bytes;
    };
    expect(sent("node")).toBeGreaterThan(statSync(process.execPath).size / 10);
    expect(sent("npm")).toBeGreaterThan(100_000);
    const { bytes } = events.find((event) => event.type === "deployed");
    expect(bytes).toBeGreaterThanOrEqual(sent("node") + sent("npm"));
    const folder = join(server.home, copy.replace("USER", server.user));
    expect(launcher()).toContain(`${folder}/bin/node`);
    const npm = await project.hostout("host1", "run", `PATH=${folder}/bin:$PATH npm --version`);
    expect(npm.stdout).toMatch(/out: \d+\.\d+\.\d+\n/);
    // The next deployment finds it there.
    rmSync(join(server.home, "app/bin/buildout"));
    const again = await project.hostout("host1", "deploy");
    expect(again.status).toBe(0);
    expect(again.stdout).not.toContain("Sending");
  });

  test("that is too old is replaced too", async () => {
    writeFileSync(join(tools, "node"), "#!/bin/sh\necho v16.20.2\n", { mode: 0o755 });
    const outcome = await project.hostout("host1", "deploy");
    expect(outcome.status).toBe(0);
    expect(launcher()).toContain(copy.replace("USER", server.user));
  });

  describe("on another kind of machine", () => {
    beforeEach(() => {
      rmSync(join(tools, "uname"));
      const script = "#!/bin/sh\ncase $1 in -m) echo sparc64;; *) echo Linux;; esac\n";
      writeFileSync(join(tools, "uname"), script, { mode: 0o755 });
    });

    test("that is missing is reported, with what to install and what was tried", async () => {
      const outcome = await project.hostout("host1", "deploy");
      expect(outcome.status).toBe(1);
      expect(outcome.stderr).toContain("There is no Node.js on 127.0.0.1.");
      const line = await nodeInstallLine(readFileSync("/etc/os-release", "utf8"));
      if (line !== undefined)
        expect(outcome.stderr).toContain(`${line.system} has: ${line.command}`);
      expect(outcome.stderr).toContain("'no-sudo = true' forbids it");
      expect(outcome.stderr).toMatch(
        /it is built for linux \S+ glibc, but the host is linux sparc64 glibc/,
      );
    });

    test("that is too old is reported with its version", async () => {
      writeFileSync(join(tools, "node"), "#!/bin/sh\necho v16.20.2\n", { mode: 0o755 });
      const outcome = await project.hostout("host1", "deploy");
      expect(outcome.status).toBe(1);
      expect(outcome.stderr).toContain("Node.js v16.20.2 on 127.0.0.1 is too old");
    });
  });
});
