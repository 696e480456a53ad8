/** Something other than a regular file: a pipe of the shell is read, all else is refused at once. */
import { execFileSync, spawnSync } from "node:child_process";
import { closeSync, constants, openSync, symlinkSync } from "node:fs";
import { createServer } from "node:net";
import { expect, onTestFinished, test, vi } from "vitest";
import { loadFabfile } from "../../src/deploy/fabfile/load.ts";
import { command, environment, project } from "../support/command-project.ts";
import { start } from "../support/running.ts";

const WAIT = { timeout: 120_000 };

function pipe(path: string): string {
  execFileSync("mkfifo", [path]);
  return path;
}

test.skipIf(spawnSync("bash", ["-c", ":"]).status !== 0)(
  "a configuration may come through a pipe, as may what it extends",
  () => {
    const p = project({ "base.cfg": "[a]\nx = from base\n" });
    pipe(p.path("fifo.cfg"));
    symlinkSync("fifo.cfg", p.path("link.cfg"));
    const line = [
      "printf '[buildout]\\nparts =\\nextends = base.cfg\\n' > fifo.cfg &",
      `exec "$0" "$1" -c <(echo '[buildout]'; echo 'extends = ${p.directory}/link.cfg') \\`,
      '"buildout:directory=$PWD" query a:x',
    ].join("\n");
    const { status, stdout, stderr } = spawnSync("bash", ["-c", line, process.execPath, command], {
      cwd: p.directory,
      env: environment(p.directory),
      encoding: "utf8",
    });
    expect({ status, stdout, stderr }).toEqual({ status: 0, stdout: "from base\n", stderr: "" });
  },
);

test.each([
  ["SIGINT", 130],
  ["SIGTERM", 143],
] as const)("%s ends the wait for one who writes into a pipe", async (signal, status) => {
  const p = project();
  const path = pipe(p.path("buildout.cfg"));
  const running = start(process.execPath, [command], {
    cwd: p.directory,
    env: environment(p.directory),
  });
  onTestFinished(() => void running.child.kill("SIGKILL"));
  // This fails until somebody reads; then it keeps the pipe open.
  const writer = await vi.waitFor(
    () => openSync(path, constants.O_WRONLY | constants.O_NONBLOCK),
    WAIT,
  );
  onTestFinished(() => closeSync(writer));
  running.child.kill(signal);
  expect(await running.outcome).toMatchObject({ status, stderr: "\nInterrupted.\n" });
});

test("sockets, devices and directories are not configurations", async () => {
  const p = project({ "buildout.cfg": "[buildout]\nparts =\nextends = socket.cfg\n" });
  const server = createServer();
  await new Promise<void>((listening) => server.listen(p.path("socket.cfg"), listening));
  onTestFinished(() => void server.close());
  symlinkSync("/dev/zero", p.path("zero.cfg"));
  expect(p.buildout()).toMatchObject({
    status: 1,
    err: expect.stringContaining("'/p/socket.cfg': it is a socket, not a regular file"),
  });
  expect(p.buildout("-c", "zero.cfg").err).toContain("it is a device, not a regular file");
  expect(p.buildout("-c", ".").err).toContain("is a directory, not a file.");
  expect(
    p.buildout("-c", "/dev/null", `buildout:directory=${p.directory}`, "annotate"),
  ).toMatchObject({ status: 0 });
});

test("neither is a pipe a recipe, an extension or a fabfile", async () => {
  const p = project({
    "buildout.cfg": "[buildout]\nparts = a\n[a]\nrecipe = ./pipe.ts\n",
    "extension.cfg": "[buildout]\nparts =\nextensions = ./pipe.ts\n",
  });
  pipe(p.path("pipe.ts"));
  for (const words of [[], ["-c", "extension.cfg"]]) {
    expect(p.buildout(...words)).toMatchObject({
      status: 1,
      err: expect.stringContaining("it is a named pipe, not a regular file"),
    });
  }
  for (const name of ["fabfile.ts", "fabfile.py"]) {
    const file = pipe(p.path(name));
    const never = () => Promise.reject(new Error("was read"));
    await expect(loadFabfile({ file, source: name }, never, never)).rejects.toMatchObject({
      code: "no-fabfile",
      message: `The fabfile ${file} is a named pipe, not a regular file.`,
    });
  }
});
