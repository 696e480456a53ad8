import { fstatSync } from "node:fs";
import { messageOf } from "../../errors/error.ts";

/** Node needs 5 ms to create a stream for a pipe, so `then` waits until the stream is used. */
function whenUsed(
  process: Pick<NodeJS.Process, "stdout" | "stderr">,
  name: "stdout" | "stderr",
  then: (stream: NodeJS.WriteStream) => void,
): void {
  const own = Object.getOwnPropertyDescriptor(process, name);
  if (own?.get === undefined || own.configurable !== true) {
    then(process[name]);
    return;
  }
  const get = () => {
    Object.defineProperty(process, name, own);
    const stream = process[name];
    then(stream);
    return stream;
  };
  Object.defineProperty(process, name, { ...own, get });
}

/** Whether a descriptor is a terminal, without creating a stream if it is a file or a pipe. */
export function isTerminal(descriptor: 1 | 2): boolean {
  try {
    if (!fstatSync(descriptor).isCharacterDevice()) return false;
  } catch {
    return false; // It is closed.
  }
  return (descriptor === 1 ? process.stdout : process.stderr).isTTY === true;
}

/**
 * Lets a run continue when its output can no longer be written: with `hostout ... | head`, a deployment
 * must not stop in the middle. A full disk is reported once.
 */
export function surviveLostOutput(process: Pick<NodeJS.Process, "stdout" | "stderr">): {
  isLost(): boolean;
  /** Whether standard output has been used. */
  isUsed(): boolean;
  /** Notes that something could not be written. */
  lost(error: unknown): void;
} {
  let isLost = false;
  let isUsed = false;
  const lost = (error: unknown) => {
    if ((error as NodeJS.ErrnoException).code === "EPIPE" || isLost) return;
    isLost = true;
    process.stderr.write(`Error: Cannot write to standard output: ${messageOf(error)}\n`);
  };
  // The listeners stay: the last write may fail when everything else is done.
  whenUsed(process, "stdout", (stdout) => {
    isUsed = true;
    if (stdout.listenerCount("error") === 0) stdout.on("error", lost);
  });
  whenUsed(process, "stderr", (stderr) => {
    if (stderr.listenerCount("error") === 0) stderr.on("error", () => {});
  });
  return { isLost: () => isLost, isUsed: () => isUsed, lost };
}
