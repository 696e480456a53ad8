// Programs on this machine that a command has started: Ctrl-C ends them with all that they have started.
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { TestProject } from "../support/deploy-project.ts";
import { startSandboxServer, type TestServer } from "../support/servers.ts";

let server: TestServer;
let project: TestProject;
let pids: string;

/** A shell program that takes long, and writes down which process of its own does. */
const slow = () => `sleep 1000 & echo $! > ${pids}/new-$!; mv ${pids}/new-$! ${pids}/$!; wait`;

beforeAll(async () => {
  server = await startSandboxServer();
  project = new TestProject({ "prod.cfg": "[buildout]\nparts =\n" });
  pids = join(project.scratch, "pids");
  const lines = ["web1", "web2"].map((name) => {
    const path = join(server.home, name);
    return `[${name}]\n${project.hostLines(server, { path, fabfiles: "fabfile.ts" })}`;
  });
  project.write({
    "buildout.cfg": `[buildout]\nparts = web1 web2\ndevelop = src/pkg\n${lines.join("")}`,
    "fabfile.ts":
      'import { api, parallel } from "hostout";\n' +
      `export const slow = parallel(() => api.local(${JSON.stringify(slow())}));\n`,
    "src/pkg/package.json": JSON.stringify({
      ...{ name: "pkg", version: "1.0.0", files: ["index.js"] },
      scripts: { prepack: slow() },
    }),
    "src/pkg/index.js": "",
  });
  expect((await project.buildout()).status).toBe(0);
});

afterAll(async () => {
  project?.remove();
  await server?.close();
});

const isAlive = (pid: number) => {
  try {
    // One that has ended, and that nobody has waited for, is there yet.
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, "utf8"));
  } catch {
    return false;
  }
};

const begun = () => readdirSync(pids).filter((name) => /^\d+$/.test(name));

test.runIf(existsSync("/proc/self/status")).each([
  ["of a fabfile", ["-P", "all", "slow"], 2, 2],
  ["of a fabfile for one host", ["web1", "slow"], 1, 1],
  ["of a build that all hosts share", ["-P", "all", "deploy"], 1, 2],
])("those %s end, and none is left", async (_, words, count, signals) => {
  rmSync(pids, { recursive: true, force: true });
  mkdirSync(pids);
  const running = project.startHostout(...words);
  await expect.poll(() => begun().length, { timeout: 60_000 }).toBe(count);
  const children = begun().map(Number);
  expect(children.every(isAlive)).toBe(true);
  running.child.kill("SIGINT");
  if (signals === 2) {
    await running.warned("Ctrl-C again ends");
    expect(children.every(isAlive)).toBe(true);
    running.child.kill("SIGINT");
  }
  const { status, stderr } = await running.outcome;
  expect(status).toBe(130);
  expect(stderr).toContain("Interrupted.");
  await expect.poll(() => children.filter(isAlive), { timeout: 10_000 }).toEqual([]);
});
