import { spawn } from "node:child_process";
import { BuildoutError } from "../../errors/error.ts";
import { killTree } from "../../system/process-tree.ts";

type Env = Readonly<Record<string, string | undefined>>;

/**
 * Whether a command of the user's shell ends with status 0; undefined if the shell could not be started or
 * a signal ended it. Its output is discarded.
 *
 * @throws BuildoutError `interrupted` once `signal` is aborted, which ends the command
 */
export function runShell(
  command: string,
  env: Env,
  signal: AbortSignal | undefined,
): Promise<boolean | undefined> {
  return new Promise((resolve, reject) => {
    const child = spawn(env.SHELL || "/bin/sh", ["-c", command], {
      env: { ...env },
      stdio: "ignore",
    });
    const settled = endedBy(signal, child, reject);
    child.once("error", () => settled(() => resolve(undefined)));
    child.once("exit", (code) => settled(() => resolve(code === null ? undefined : code === 0)));
  });
}

/**
 * Ends a command and its children when `signal` is aborted. Returns a function to call with the outcome of
 * one that ends by itself.
 */
export function endedBy(
  signal: AbortSignal | undefined,
  child: { pid?: number | undefined },
  reject: (error: unknown) => void,
): (finish: () => void) => void {
  const abort = () => {
    if (child.pid !== undefined) killTree(child.pid);
    reject(new BuildoutError("interrupted", "Interrupted a command from the ssh configuration"));
  };
  if (signal?.aborted) abort();
  signal?.addEventListener("abort", abort, { once: true });
  return (finish) => {
    signal?.removeEventListener("abort", abort);
    finish();
  };
}
