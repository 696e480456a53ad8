/** A program whose standard output is a pipe that is read once and then no longer. */
import { execFileSync, spawn } from "node:child_process";
import { closeSync, constants, openSync, readSync, writeSync } from "node:fs";
import { join } from "node:path";
import { eventually } from "./servers.ts";

/** How Ctrl-C, once or more often, ends a program that writes without end. */
export async function interruptedWriter(
  folder: string,
  program: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv,
): Promise<string> {
  const path = join(folder, "pipe");
  execFileSync("mkfifo", [path]);
  const reader = openSync(path, constants.O_RDWR | constants.O_NONBLOCK);
  // A separate file description, so that only the program decides whether it blocks.
  const output = openSync(path, constants.O_RDWR);
  const child = spawn(program, args, { cwd: folder, env, stdio: ["ignore", output, "ignore"] });
  closeSync(output);
  const ended = new Promise<string>((resolve) =>
    child.once("exit", (status, signal) => resolve(signal ?? `status ${status}`)),
  );
  let isOver = false;
  void ended.then(() => {
    isOver = true;
  });
  try {
    await eventually(() => readSync(reader, Buffer.alloc(4096)));
    fill(reader);
    await eventually(() => {
      if (!isOver) child.kill("SIGINT");
      if (!isOver) throw new Error("Ctrl-C does not end it");
    });
    return await ended;
  } finally {
    child.kill("SIGKILL");
    closeSync(reader);
  }
}

/** Until the next line of the program has no room. */
function fill(pipe: number): void {
  try {
    for (;;) writeSync(pipe, Buffer.alloc(4096));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EAGAIN") throw error;
  }
  try {
    for (;;) writeSync(pipe, Buffer.alloc(1));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EAGAIN") throw error;
  }
}
