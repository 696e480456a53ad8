import { closeSync, readSync, writeSync } from "node:fs";

/**
 * Names two descriptors: a deployment starts the engine of a host while files are still being put in place there, and
 * says on the first one when to build. The second one gets the id of this process then. See build.sh.
 */
const DESCRIPTORS = "HOSTOUT_WORD_FDS";
const WORD = "build\n";

/** Waits for the word if there is one to come; ends this process if none comes. */
export function awaitWord(): void {
  const descriptors = process.env[DESCRIPTORS];
  if (descriptors === undefined) return;
  // Not for child processes.
  delete process.env[DESCRIPTORS];
  // Node needs 5 ms to create the stream.
  void process.stdout;
  const [said, working] = descriptors.split(" ").map(Number) as [number, number];
  if (read(said, WORD.length) !== WORD) {
    // What was loaded is not kept.
    process.removeAllListeners("exit");
    process.exit();
  }
  closeSync(said);
  try {
    writeSync(working, `pid=${process.pid}\n`);
  } catch {
    // A full disk does not prevent the build.
  }
}

/** Reads no more than that: what follows is for the shell. */
function read(descriptor: number, length: number): string {
  const bytes = Buffer.alloc(length);
  let end = 0;
  for (let count = -1; count !== 0 && end < length; ) {
    count = readSync(descriptor, bytes, end, length - end, null);
    end += count;
  }
  return bytes.toString("latin1", 0, end);
}
