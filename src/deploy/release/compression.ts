/** Milliseconds to a host and back below which sending bytes costs less than compressing them. */
const NEAR = 5;

/**
 * The zlib level for what is sent to a host that is `latency` milliseconds away. Level 1
 * costs a quarter of the default's time for a tenth more bytes; 0 only wraps them.
 */
export function compressionLevel(latency: number): number {
  return latency < NEAR ? 0 : 1;
}
