/** Where the time of a call goes, for `--timings`. Nothing is kept before `keepTimings`. */

export interface Timing {
  phase: string;
  /** The part; undefined: of all hosts. */
  host: string | undefined;
  /** Milliseconds since the process began. */
  start: number;
  end: number;
}

let kept: Timing[] | undefined;

/** From now on `timed` keeps what it measures, in the list that this returns; the start of the process is the first. */
export function keepTimings(): readonly Timing[] {
  kept ??= [{ phase: "start of the program", host: undefined, start: 0, end: performance.now() }];
  return kept;
}

/** Does `work`, and keeps how long it took, also where it fails. */
export async function timed<T>(
  phase: string,
  host: string | undefined,
  work: () => Promise<T>,
): Promise<T> {
  const end = startTiming(phase, host);
  try {
    return await work();
  } finally {
    end();
  }
}

/** The same for what begins here and ends where the function that it returns is called. */
export function startTiming(phase: string, host: string | undefined): () => void {
  if (kept === undefined) return () => {};
  const start = performance.now();
  return () => void kept?.push({ phase, host, start, end: performance.now() });
}
