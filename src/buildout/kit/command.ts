/** Shell commands of recipes: what they say, and that they end when the buildout is interrupted. */

export interface CommandRequest {
  /** For `/bin/sh -c`. */
  command: string;
  /** Absolute. */
  directory: string;
  /** Beside the environment of the buildout. */
  environment?: Readonly<Record<string, string>>;
  /**
   * Called with each line that the command writes, which then has no input. Without it the command
   * has the buildout's own input, output and terminal.
   */
  onLine?: (line: string) => void;
}

const SIGNALS = ["SIGINT", "SIGTERM"] as const;

/** How long a command may take to end after a signal, in milliseconds. */
const GRACE = 200;

/** Blocks: while the process is about to exit nothing asynchronous comes to pass any more. */
function pause(milliseconds: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, milliseconds);
}

/** Sends a signal to a process, or to its whole group. One that has ended is passed over. */
function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch {
    // It has ended.
  }
}

/** Ends `target` before whoever else waits for the signal begins to clean up. Returns an undo. */
function endWithBuildout(target: number): () => void {
  const handlers = SIGNALS.map((name) => {
    const handler = () => {
      signal(target, name);
      pause(GRACE);
      signal(target, "SIGKILL");
      if (process.listenerCount(name) > 1) return;
      process.removeListener(name, handler);
      process.kill(process.pid, name);
    };
    process.prependListener(name, handler);
    return [name, handler] as const;
  });
  const last = () => signal(target, "SIGKILL");
  process.on("exit", last);
  return () => {
    process.removeListener("exit", last);
    for (const [name, handler] of handlers) process.removeListener(name, handler);
  };
}

/**
 * Runs a shell command to its end. Returns its exit status; of a command that a signal ended the
 * signal's number, negative (as Python's `subprocess` has it).
 */
export async function runCommand(request: CommandRequest): Promise<number> {
  const [{ execa }, { constants }] = await Promise.all([import("execa"), import("node:os")]);
  const { onLine } = request;
  // A group of its own is a session of its own, and that has no terminal to ask anything on. What
  // is typed there (Ctrl-C) reaches the command anyway.
  const detached = onLine !== undefined || !process.stdin.isTTY;
  const child = execa("/bin/sh", ["-c", request.command], {
    cwd: request.directory,
    env: { ...request.environment },
    detached,
    reject: false,
    buffer: false,
    ...(onLine === undefined
      ? { stdio: "inherit" as const }
      : { stdin: "ignore" as const, all: true as const }),
  });
  if (child.pid === undefined) throw (await child).cause ?? new Error("/bin/sh did not start");
  const release = endWithBuildout(detached ? -child.pid : child.pid);
  try {
    if (onLine !== undefined)
      for await (const line of child.iterable({ from: "all" })) onLine(String(line));
    const { exitCode, signal: ending } = await child;
    return exitCode ?? -constants.signals[ending as NodeJS.Signals];
  } finally {
    release();
  }
}
