// Programs on this machine that a command has started: Ctrl-C ends them with all that they have started.
import { spawnSync } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { TestProject } from "../support/deploy-project.ts";
import type { Running } from "../support/running.ts";
import {
  eventually,
  processesWith,
  startSandboxServer,
  type TestServer,
} from "../support/servers.ts";
import { onTerminal } from "../support/terminal.ts";

const isThere = (program: string) => spawnSync(program, ["--version"]).error === undefined;

let server: TestServer;
let project: TestProject;
let pids: string;

/** A slow shell program that writes the process id of its slow child; `way` starts that. */
const slow = (way = "") =>
  `${way} sleep 1000 & echo $! > ${pids}/new-$!; mv ${pids}/new-$! ${pids}/$!; wait`;

/** A build backend without requirements; a release is slow. */
const backend = () => `import os, subprocess, zipfile
def build_editable(folder, config_settings=None, metadata_directory=None):
    name = "py-1.0-py3-none-any.whl"
    with zipfile.ZipFile(os.path.join(folder, name), "w") as wheel:
        wheel.writestr("py-1.0.dist-info/METADATA", "Metadata-Version: 2.1\\nName: py\\nVersion: 1.0\\n")
        wheel.writestr("py-1.0.dist-info/WHEEL", "Wheel-Version: 1.0\\nTag: py3-none-any\\n")
        wheel.writestr("py-1.0.dist-info/RECORD", "")
    return name
def build_wheel(folder, config_settings=None, metadata_directory=None):
    subprocess.check_call(["sh", "-c", ${JSON.stringify(slow("setsid"))}])
`;

beforeAll(async () => {
  server = await startSandboxServer();
  project = new TestProject({ "prod.cfg": "[buildout]\nparts =\n" });
  pids = join(project.scratch, "pids");
  const configuration = (packages: string, fabfiles: string) => {
    const lines = ["web1", "web2"].map((name) => {
      const path = join(server.home, name);
      return `[${name}]\n${project.hostLines(server, { path, fabfiles })}`;
    });
    return `[buildout]\nparts = web1 web2\ndevelop = ${packages}\n${lines.join("")}`;
  };
  project.write({
    "buildout.cfg": configuration("src/pkg", "fabfile.ts"),
    "fabfile.ts": `import { api, parallel } from "hostout";
export const slow = parallel(() => api.local(${JSON.stringify(slow())}));
export const apart = () => api.local(${JSON.stringify(slow("setsid"))});
export const sync = () =>
  api.rsync("src/", "there/", { options: ["--rsync-path=${project.scratch}/rsync"] });
`,
    "../rsync": `#!/bin/sh\n${slow()}\n`,
    "src/pkg/package.json": JSON.stringify({
      ...{ name: "pkg", version: "1.0.0", files: ["index.js"] },
      scripts: { prepack: slow() },
    }),
    "src/pkg/index.js": "",
    "python/prod.cfg": "[buildout]\nparts =\n",
    "python/buildout.cfg": configuration("../src/py", ""),
    "src/py/pyproject.toml": `[project]
name = "py"
version = "1.0"
[build-system]
requires = []
build-backend = "own"
backend-path = ["backend"]
`,
    "src/py/backend/own.py": backend(),
  });
  chmodSync(join(project.scratch, "rsync"), 0o755);
  expect((await project.buildout()).status).toBe(0);
});

beforeEach(() => {
  rmSync(pids, { recursive: true, force: true });
  mkdirSync(pids);
});

afterAll(async () => {
  project?.remove();
  await server?.close();
});

const isAlive = (pid: number) => {
  try {
    // An ended process that nobody has waited for still exists.
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, "utf8"));
  } catch {
    return false;
  }
};

const begun = () =>
  readdirSync(pids)
    .filter((name) => /^\d+$/.test(name))
    .map(Number);

/** The slow processes, once there are this many. */
async function begins(count: number, running?: Running): Promise<number[]> {
  const ended = running?.outcome.then(({ stdout, stderr }) => {
    throw new Error(`It ended: ${stdout}${stderr}`);
  });
  await Promise.race([
    eventually(() => expect(begun()).toHaveLength(count)),
    ...(ended ? [ended] : []),
  ]);
  expect(begun().every(isAlive)).toBe(true);
  return begun();
}

describe.runIf(existsSync("/proc/self/status"))("Ctrl-C", () => {
  test.each([
    ["of a fabfile", ["-P", "all", "slow"], 2, 2],
    ["of a fabfile for one host", ["web1", "slow"], 1, 1],
    ["in a session of their own", ["web1", "apart"], 1, 1],
    ["of a build that all hosts share", ["-P", "all", "deploy"], 1, 2],
  ])("ends those %s, and none is left", async (_, words, count, signals) => {
    const running = project.startHostout(...words);
    const children = await begins(count, running);
    running.child.kill("SIGINT");
    if (signals === 2) {
      await running.warned("Ctrl-C again ends");
      expect(children.every(isAlive)).toBe(true);
      running.child.kill("SIGINT");
    }
    const { status, stderr } = await running.outcome;
    expect(status).toBe(130);
    expect(stderr).toContain("Interrupted.");
    await eventually(() => expect(children.filter(isAlive)).toEqual([]));
  });

  test.runIf(isThere("rsync"))("ends rsync, here and on the host", async () => {
    const running = project.startHostout("web1", "sync");
    const children = await begins(1, running);
    const ours = () => processesWith(`${project.scratch}/rsync`);
    expect((await ours()).length).toBeGreaterThan(1);
    running.child.kill("SIGINT");
    expect((await running.outcome).status).toBe(130);
    await eventually(async () => expect(await ours()).toEqual([]));
    await eventually(() => expect(children.filter(isAlive)).toEqual([]));
  });

  test.runIf(isThere("python3"))("ends the build of a Python package", async () => {
    const made = await project.buildout("-c", "python/buildout.cfg");
    expect([made.stderr, made.status]).toEqual(["", 0]);
    const running = project.start(join(project.directory, "python/bin/hostout"), [
      "web1",
      "deploy",
    ]);
    const children = await begins(1, running);
    running.child.kill("SIGINT");
    expect((await running.outcome).status).toBe(130);
    await eventually(() => expect(children.filter(isAlive)).toEqual([]));
  });

  test.runIf(isThere("script")).each([
    ["web1 slow", 1],
    ["web1 apart", 1],
    ["-P all slow", 2],
    ["-P all deploy", 2],
  ])("on a terminal ends those of: %s", async (words, times) => {
    const terminal = onTerminal(join(project.directory, "bin/hostout"), words.split(" "), {
      cwd: project.directory,
      env: { PATH: process.env.PATH, HOME: project.scratch },
    });
    const children = await begins(words.endsWith("all slow") ? 2 : 1);
    terminal.press("\x03");
    if (times === 2) {
      await terminal.shows("Ctrl-C again ends");
      expect(children.every(isAlive)).toBe(true);
      terminal.press("\x03");
    }
    expect(await terminal.status).toBe(130);
    await eventually(() => expect(children.filter(isAlive)).toEqual([]));
  });
});
