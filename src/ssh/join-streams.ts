import type { Duplex } from "node:stream";

/**
 * Connects two streams in both directions, including their ends, like `ssh -L`. If one fails, the other is
 * destroyed; a finished one waits until the other has passed everything on, since a destroyed channel drops
 * data that its window has not let through.
 */
export function joinStreams(one: Duplex, other: Duplex): void {
  lead(one, other);
  lead(other, one);
}

function lead(from: Duplex, to: Duplex): void {
  from.pipe(to);
  from.on("error", () => to.destroy());
  from.on("close", () => {
    if (!from.readableEnded || to.writableFinished) to.destroy();
    else to.once("finish", () => to.destroy());
  });
}
