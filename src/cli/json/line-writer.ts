import { writeSync } from "node:fs";

/** Milliseconds between attempts while the reader's pipe is full. */
const PAUSE = 5;

const errorCode = (error: unknown) => (error as NodeJS.ErrnoException).code;

/**
 * Writes each line whole and at once, so that none is lost however the process ends. Once the
 * reader has gone, nothing more is written; the run goes on, as it does with `buildout | head`.
 * `onLost` is called once, with the reason, when they cannot be written for another cause.
 */
export function lineWriter(
  descriptor: number,
  onLost: (error: unknown) => void,
): (line: string) => void {
  let gone = false;
  return (line) => {
    let rest = Buffer.from(line);
    while (rest.length > 0 && !gone) {
      try {
        rest = rest.subarray(writeSync(descriptor, rest));
      } catch (error) {
        if (errorCode(error) === "EAGAIN") {
          Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, PAUSE);
          continue;
        }
        gone = true;
        if (errorCode(error) !== "EPIPE") onLost(error);
      }
    }
  };
}
