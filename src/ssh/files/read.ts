import type { SFTPWrapper } from "ssh2";
import { together } from "./in-flight.ts";
import type { Sftp } from "./sftp.ts";

/** OpenSSH's limit for one read. */
const PIECE = 255 * 1024;
/** What is taken together: a write wakes a thread, and one for each piece made large files a tenth slower. */
const BLOCK = 4 * PIECE;
/** Requested at a time: one is taken while the others arrive. */
const BLOCKS = 3;

/**
 * Reads a file in blocks, which `take` receives with their positions, in any order; a block is reused after
 * it was taken. Resolves to the size of the file.
 *
 * @throws BuildoutError `remote-file-missing`, `remote-not-readable`, `connection-lost`
 */
export function readBlocks(
  sftp: Sftp,
  path: string,
  take: (block: Buffer, position: number) => Promise<void>,
): Promise<number> {
  return sftp.during(async () => {
    const handle = await sftp.call<Buffer>("read", path, (channel, done) =>
      channel.open(path, "r", done),
    );
    const channel = await sftp.channel();
    sftp.transport.roundTrips++;
    let next = 0;
    // Where a read found no more, however large the file was said to be: it may grow, or shrink.
    let end = Number.POSITIVE_INFINITY;
    const worker = () => {
      let block = Buffer.alloc(0);
      return async () => {
        const start = next;
        if (start >= end) return false;
        // Small files end in the first piece of each worker.
        const size = block.length === 0 ? PIECE : BLOCK;
        if (block.length < size) block = Buffer.allocUnsafe(size);
        next += size;
        const lengths = await Promise.all(
          Array.from({ length: size / PIECE }, (_, at) => {
            const target = block.subarray(at * PIECE, (at + 1) * PIECE);
            return readPiece(sftp, channel, handle, target, start + at * PIECE);
          }),
        );
        const short = lengths.findIndex((length) => length < PIECE);
        const length = short < 0 ? size : short * PIECE + lengths[short]!;
        if (short >= 0) end = Math.min(end, start + length);
        if (length > 0) await take(block.subarray(0, length), start);
        return short < 0;
      };
    };
    try {
      // Most files have one piece only.
      const first = worker();
      if (await first()) await together(BLOCKS, worker);
    } catch (error) {
      throw sftp.explain(error, "read", path);
    } finally {
      // Nobody has to wait for the answer.
      if (sftp.transport.lost === undefined) channel.close(handle, () => {});
    }
    return end;
  });
}

/** Reads until `target` is full or the file ends; resolves to the bytes that were read. */
async function readPiece(
  sftp: Sftp,
  channel: SFTPWrapper,
  handle: Buffer,
  target: Buffer,
  position: number,
): Promise<number> {
  let length = 0;
  while (length < target.length) {
    const at = length;
    const count = await sftp.guarded(
      sftp.transport.request<number>((done) =>
        channel.read(handle, target, at, target.length - at, position + at, done),
      ),
    );
    if (count === 0) break;
    length += count;
  }
  return length;
}
