import { messageOf } from "../../errors/error.ts";

/**
 * Lets a run go on when its output cannot be written any more: after `hostout ... | head`, a
 * deployment must not stop in the middle. A disk that is full is reported, once.
 */
export function surviveLostOutput({ stdout, stderr }: Pick<NodeJS.Process, "stdout" | "stderr">): {
  isLost(): boolean;
  /** Takes note that something could not be written. */
  lost(error: unknown): void;
} {
  let isLost = false;
  const lost = (error: unknown) => {
    if ((error as NodeJS.ErrnoException).code === "EPIPE" || isLost) return;
    isLost = true;
    stderr.write(`Error: Cannot write to standard output: ${messageOf(error)}\n`);
  };
  // The listeners stay: what was written last may fail when all else is done.
  if (stdout.listenerCount("error") === 0) stdout.on("error", lost);
  if (stderr.listenerCount("error") === 0) stderr.on("error", () => {});
  return { isLost: () => isLost, lost };
}
