/** Ends local child processes of a run when it is interrupted. */
import { AsyncLocalStorage } from "node:async_hooks";

const storage = new AsyncLocalStorage<AbortSignal>();

/** Runs `action`: what it starts ends when `signal` is aborted. */
export function endingWith<T>(signal: AbortSignal, action: () => Promise<T>): Promise<T> {
  return storage.run(signal, action);
}

/** Whether there is a run that ends what it has started. */
export const hasEnding = (): boolean => storage.getStore() !== undefined;

/** Calls `end` when the run is interrupted, until the returned function is called. */
export function whenInterrupted(
  end: () => void,
  signal: AbortSignal | undefined = storage.getStore(),
): () => void {
  if (signal === undefined) return () => {};
  // A separate signal: Node reports more than ten listeners as a leak.
  const own = AbortSignal.any([signal]);
  if (own.aborted) end();
  own.addEventListener("abort", end, { once: true });
  return () => own.removeEventListener("abort", end);
}
