import { constants, type Stats } from "node:fs";
import { open, stat } from "node:fs/promises";
import { devNull } from "node:os";
import { unusual } from "./file-kind.ts";

/** Bytes. Larger than any file written by hand; an endless file must not fill the memory. */
const DEFAULT_LIMIT = 64 * 1024 * 1024;
/** Bytes read at once. */
const PIECE = 64 * 1024;
const LARGEST_PIECE = 4 * 1024 * 1024;

/**
 * The content of a file named by the user, which may be anything: other kinds of files could block a reader
 * forever, even against signals. /dev/null, a common way to have no file, is empty.
 *
 * @throws Error with the reason, and the system's code for a system error
 */
export async function readRegularFile(path: string, limit = DEFAULT_LIMIT): Promise<Buffer> {
  // Check before opening: opening a device may have side effects, and a socket cannot be opened.
  const before = await stat(path);
  if (await isNullDevice(before)) return Buffer.alloc(0);
  refuseUnusual(before);
  const handle = await open(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
  try {
    const stats = await handle.stat();
    refuseUnusual(stats);
    const tooLarge = () => new Error(`it has more than ${limit} bytes`);
    if (stats.size > limit) throw tooLarge();
    // System files can have content although their size is 0.
    const chunks: Buffer[] = [];
    let size = 0;
    const highWaterMark = Math.max(PIECE, Math.min(stats.size + 1, LARGEST_PIECE));
    const options = { end: limit, autoClose: false, highWaterMark };
    for await (const chunk of handle.createReadStream(options)) {
      chunks.push(chunk as Buffer);
      size += (chunk as Buffer).length;
    }
    if (size > limit) throw tooLarge();
    return Buffer.concat(chunks);
  } finally {
    await handle.close();
  }
}

/** Whether appending to a file cannot block: a regular one, /dev/null, or a new one. */
export async function refuseUnusualTarget(path: string): Promise<void> {
  let stats: Stats;
  try {
    stats = await stat(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return;
    throw error;
  }
  if (!(await isNullDevice(stats))) refuseUnusual(stats);
}

function refuseUnusual(stats: Stats): void {
  const kind = unusual(stats);
  if (kind !== undefined) throw new Error(`it is ${kind}, not a regular file`);
}

async function isNullDevice(stats: Stats): Promise<boolean> {
  if (!stats.isCharacterDevice()) return false;
  return stats.rdev === (await stat(devNull)).rdev;
}
