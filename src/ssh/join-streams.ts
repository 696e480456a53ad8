import type { Duplex } from "node:stream";

/**
 * Leads what comes from each stream to the other, ends included, as `ssh -L` does. Whichever breaks
 * takes the other along; one that has said all it had to say waits until the other has passed it on:
 * a channel that is destroyed forgets what its window has not let through.
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
