import { crc32 } from "node:zlib";

/** Maximum bytes in one stored block. */
const LONGEST = 0xffff;

/**
 * Wraps its input in a gzip file (RFC 1952) of stored blocks (RFC 1951, 3.2.4), without compression. zlib
 * at level 0 does the same but is many times slower.
 */
export async function* storedGzip(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  yield Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff]);
  let sum = 0;
  let bytes = 0;
  for await (const chunk of chunks) {
    // Node's crc32 returns 0 for no bytes.
    if (chunk.length === 0) continue;
    sum = crc32(chunk, sum);
    bytes += chunk.length;
    const pieces: Uint8Array[] = [];
    for (let at = 0; at < chunk.length; at += LONGEST) {
      const block = chunk.subarray(at, at + LONGEST);
      pieces.push(head(0, block.length), block);
    }
    yield Buffer.concat(pieces);
  }
  const trailer = Buffer.alloc(8);
  trailer.writeUInt32LE(sum, 0);
  trailer.writeUInt32LE(bytes % 2 ** 32, 4);
  yield Buffer.concat([head(1, 0), trailer]);
}

/** The header of a block; `last` is 1 for the last one. */
function head(last: 0 | 1, length: number): Buffer {
  const bytes = Buffer.from([last, 0, 0, 0, 0]);
  bytes.writeUInt16LE(length, 1);
  bytes.writeUInt16LE(length ^ LONGEST, 3);
  return bytes;
}
