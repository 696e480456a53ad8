/** Round-trip milliseconds below which sending bytes is cheaper than compressing them. */
const NEAR = 5;

/** The zlib level that takes a quarter of the default's time for a tenth more bytes. */
export const FAST = 1;

/** Whether a host that is `latency` milliseconds away gets archives without compression. */
export function isNear(latency: number): boolean {
  return latency < NEAR;
}

/** The zlib level for data that is always gzipped; 0 does not compress. */
export function compressionLevel(latency: number): number {
  return isNear(latency) ? 0 : FAST;
}
