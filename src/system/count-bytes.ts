import { Transform } from "node:stream";

/** Passes data on; `onBytes` receives the total number of bytes so far. */
export function countBytes(onBytes: (bytes: number) => void): Transform {
  let bytes = 0;
  return new Transform({
    transform(chunk: Buffer, _, next) {
      bytes += chunk.length;
      onBytes(bytes);
      next(null, chunk);
    },
  });
}
