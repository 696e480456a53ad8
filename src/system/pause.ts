/** Milliseconds of work between checks for signals and other events. */
const SLICE = 50;

/**
 * For long work: await its result in each step, so that signals are handled. It only waits if enough time
 * has passed.
 */
export function pacer(): () => Promise<void> | undefined {
  let next = Date.now() + SLICE;
  return () => {
    if (Date.now() < next) return undefined;
    return new Promise((resolve) => {
      const done = () => {
        next = Date.now() + SLICE;
        resolve();
      };
      // The first one may run before the event loop checks signals.
      setImmediate(() => setImmediate(done));
    });
  };
}
