/** JSON that cannot be written is an error, and a missing working directory is named. */
import { join } from "node:path";
import { expect, test } from "vitest";
import { command, environment, project, root } from "../support/command-project.ts";
import { start } from "../support/running.ts";

const HOSTOUT = join(root, "bin/hostout");

test.runIf(process.platform === "linux").each([
  [command, ["--json"], 1],
  [HOSTOUT, ["--json", "nothing"], 1],
] as const)("a full disk below the output is told: %s %j", async (program, words, status) => {
  const p = project({ "buildout.cfg": "[buildout]\nparts =\n" });
  const line = 'exec "$@" > /dev/full';
  const running = start("sh", ["-c", line, "sh", process.execPath, program, ...words], {
    cwd: p.directory,
    env: environment(p.directory),
  });
  expect(await running.outcome).toMatchObject({
    status,
    stderr: "Error: Cannot write to standard output: ENOSPC: no space left on device, write\n",
  });
});

test.each([
  [command, []],
  [HOSTOUT, ["host1"]],
])("a working directory that was removed is called gone: %s %j", async (program, words) => {
  const p = project({ "gone/buildout.cfg": "" });
  const line = 'cd gone && rm -r ../gone && exec "$@"';
  const running = start("sh", ["-c", line, "sh", process.execPath, program, ...words], {
    cwd: p.directory,
    env: environment(p.directory),
  });
  expect(await running.outcome).toEqual({
    ...{ status: 1, stdout: "" },
    stderr: "Error: The working directory no longer exists.\n  Change to another one with cd.\n",
  });
});
