import { fstatSync, writeSync } from "node:fs";
import { Socket } from "node:net";

/** Milliseconds between attempts while the reader's pipe is full. */
const PAUSE = 5;
/** Milliseconds after which a reader counts as stopped. */
const PATIENCE = 1000;

const errorCode = (error: unknown) => (error as NodeJS.ErrnoException).code;

/**
 * Writes each line whole and at once, so that none is lost however the process ends. Once the reader has
 * gone, nothing more is written and the run continues, as with `buildout | head`. While a reader is
 * stalled, Ctrl-C ends the process at once, since it can do nothing else. `onLost` is called once, with the
 * reason, if writing fails for another cause.
 */
export function lineWriter(
  descriptor: number,
  onLost: (error: unknown) => void,
): (line: string) => void {
  let gone = false;
  refuseToBlock(descriptor);
  return (line) => {
    let rest = Buffer.from(line);
    let waited = 0;
    let listenAgain: (() => void) | undefined;
    while (rest.length > 0 && !gone) {
      try {
        rest = rest.subarray(writeSync(descriptor, rest));
        waited = 0;
      } catch (error) {
        if (errorCode(error) === "EAGAIN") {
          waited += PAUSE;
          if (waited >= PATIENCE) listenAgain ??= signalsEnd();
          Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, PAUSE);
          continue;
        }
        gone = true;
        if (errorCode(error) !== "EPIPE") onLost(error);
      }
    }
    listenAgain?.();
  };
}

/** Signals are not handled during a blocking write. Node opens pipes non-blocking. */
function refuseToBlock(descriptor: number): void {
  const stats = fstatSync(descriptor);
  if (!stats.isFIFO() && !stats.isSocket()) return;
  if (descriptor === 1) void process.stdout;
  else
    new Socket({ fd: descriptor, readable: false, writable: true }).on("error", () => {}).unref();
}

/** Restores the default action of signals. Returns a function that restores their listeners. */
function signalsEnd(): () => void {
  const signals = (["SIGINT", "SIGTERM"] as const).map((signal) => {
    const listeners = process.listeners(signal);
    process.removeAllListeners(signal);
    return { signal, listeners };
  });
  return () => {
    for (const { signal, listeners } of signals) {
      for (const listener of listeners) process.on(signal, listener);
    }
  };
}
