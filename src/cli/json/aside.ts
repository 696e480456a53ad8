import { type ChildProcess, spawn } from "node:child_process";
import { constants } from "node:os";

/** Tells a process started by `runAside` to write its events to descriptor 3. */
const MARK = "HOSTOUT_EVENTS";
const EVENTS = 3;
/** Names the descriptor of the secrets that a deployment sends. */
const SECRETS = "HOSTOUT_SECRETS_FD";

/** The descriptor for events, if this process was started by `runAside`. */
export function eventsDescriptor(): number | undefined {
  const marked = process.env[MARK] !== undefined;
  // Not for processes started from here.
  delete process.env[MARK];
  return marked ? EVENTS : undefined;
}

/**
 * Runs this command line again in a process whose standard output is our standard error, and whose events
 * go to our standard output, so that nothing recipes print can mix with the events. Resolves with the exit
 * status.
 */
export async function runAside(): Promise<number> {
  const secrets = process.env[SECRETS];
  const child = spawn(process.execPath, [...process.execArgv, ...process.argv.slice(1)], {
    stdio: ["inherit", 2, 2, 1, ...(secrets === undefined ? [] : [Number(secrets)])],
    env: { ...process.env, [MARK]: "1", ...(secrets !== undefined && { [SECRETS]: "4" }) },
  });
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    process.on(signal, () => forward(child, signal));
  }
  return await new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("exit", (status, signal) =>
      resolve(status ?? 128 + (signal === null ? 0 : constants.signals[signal])),
    );
  });
}

/** The child receives Ctrl-C directly, too; a second signal does no harm. */
function forward(child: ChildProcess, signal: NodeJS.Signals): void {
  child.kill(signal);
}
