/** Milliseconds of a round trip below which a host counts as near. */
const NEAR = 2;

/**
 * Writes to one file at a time. A channel of OpenSSH holds 2 MiB, eight of its largest pieces; a near
 * host is busy with three, and what waits there costs sshd as much time as its decryption.
 */
export function inFlight(latency: number): number {
  return latency < NEAR ? 3 : 8;
}

/**
 * Runs `count` workers, each of which repeats its step until that returns false. The first failure stops
 * all of them; when this rejects with it, no step is running anymore.
 */
export async function together(count: number, worker: () => () => Promise<boolean>): Promise<void> {
  let failed = false;
  const repeat = async (step: () => Promise<boolean>) => {
    try {
      while (!failed && (await step()));
    } catch (error) {
      failed = true;
      throw error;
    }
  };
  const ends = await Promise.allSettled(Array.from({ length: count }, () => repeat(worker())));
  const failure = ends.find((end) => end.status === "rejected");
  if (failure !== undefined) throw failure.reason;
}
