/** Milliseconds of work between two looks at signals and other events. */
const SLICE = 50;

/**
 * For long work: await what it returns in each step, so that signals are heard meanwhile. It waits
 * only when enough time has gone by since the last time.
 */
export function pacer(): () => Promise<void> | undefined {
  let next = performance.now() + SLICE;
  return () => {
    if (performance.now() < next) return undefined;
    return new Promise((resolve) => {
      setImmediate(() => {
        next = performance.now() + SLICE;
        resolve();
      });
    });
  };
}
