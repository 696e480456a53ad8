/** Measures a call for `--timings`. */
import { AsyncLocalStorage } from "node:async_hooks";

export interface Timing {
  phase: string;
  /** The part; undefined: of all hosts. */
  host: string | undefined;
  /** Milliseconds since the process began. */
  start: number;
  end: number;
}

const storage = new AsyncLocalStorage<Timing[]>();

/** Does `work`, collecting everything measured by `timed` in it in `timings`, starting with the process startup. */
export function keepTimings<T>(timings: Timing[], work: () => Promise<T>): Promise<T> {
  const end = performance.now();
  timings.push({ phase: "start of the program", host: undefined, start: 0, end });
  return storage.run(timings, work);
}

/** Does `work` and records how long it took, even if it fails. */
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

/** The same for work that ends when the returned function is called. */
export function startTiming(phase: string, host: string | undefined): () => void {
  const timings = storage.getStore();
  if (timings === undefined) return () => {};
  const start = performance.now();
  return () => void timings.push({ phase, host, start, end: performance.now() });
}
