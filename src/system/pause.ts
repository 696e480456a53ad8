/** Milliseconds of work between two looks at signals and other events. */
const SLICE = 50;

/**
 * For long work: await what it returns in each step, so that signals are heard meanwhile. It waits
 * only when enough time has gone by since the last time.
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
      // The first one may come before the event loop looks at signals.
      setImmediate(() => setImmediate(done));
    });
  };
}
