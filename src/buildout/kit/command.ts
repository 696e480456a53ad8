/** Shell commands of recipes: their output, and ending them when the buildout is interrupted. */

export interface CommandRequest {
  /** For `/bin/sh -c`. */
  command: string;
  /** Absolute. */
  directory: string;
  /** In addition to the environment of the buildout. */
  environment?: Readonly<Record<string, string>>;
  /**
   * Called with each line of output; the command then has no input. Without it, the command uses the
   * buildout's own input, output and terminal.
   */
  onLine?: (line: string) => void;
}

const SIGNALS = ["SIGINT", "SIGTERM"] as const;

/** Milliseconds that a command may take to end after a signal. */
const GRACE = 200;

/** Blocks, since nothing asynchronous happens while the process exits. */
function pause(milliseconds: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, milliseconds);
}

/** Sends a signal to a process, or to its whole group. Ignores processes that have ended. */
function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch {
    // It has ended.
  }
}

/** Ends `target` before other listeners of the signal start to clean up. Returns an undo function. */
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
 * Runs a shell command to its end. Returns its exit status; or the negative signal number if a signal ended
 * it (as in Python's `subprocess`).
 */
export async function runCommand(request: CommandRequest): Promise<number> {
  const [{ execa }, { constants }] = await Promise.all([import("execa"), import("node:os")]);
  const { onLine } = request;
  // A separate process group is a separate session without a terminal. Ctrl-C on the terminal reaches the
  // command anyway.
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
