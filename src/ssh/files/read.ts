import type { SFTPWrapper } from "ssh2";
import { inFlight, together } from "./in-flight.ts";
import type { Sftp } from "./sftp.ts";

/** OpenSSH's limit for one read. */
const PIECE = 255 * 1024;

/**
 * Reads a file in pieces, which `take` receives with their positions, in any order; a piece is reused after
 * it was taken. Resolves to the size of the file.
 *
 * @throws BuildoutError `remote-file-missing`, `remote-not-readable`, `connection-lost`
 */
export function readPieces(
  sftp: Sftp,
  path: string,
  take: (piece: Buffer, position: number) => Promise<void>,
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
      const buffer = Buffer.allocUnsafe(PIECE);
      return async () => {
        const start = next;
        if (start >= end) return false;
        next += PIECE;
        let length = 0;
        while (length < PIECE) {
          const count = await read(sftp, channel, handle, buffer, length, start);
          if (count === 0) {
            end = Math.min(end, start + length);
            break;
          }
          length += count;
        }
        if (length > 0) await take(buffer.subarray(0, length), start);
        return length === PIECE;
      };
    };
    try {
      // Most files have one piece only.
      const first = worker();
      if (await first()) await together(inFlight(sftp.transport.latency), worker);
    } catch (error) {
      throw sftp.explain(error, "read", path);
    } finally {
      // Nobody has to wait for the answer.
      if (sftp.transport.lost === undefined) channel.close(handle, () => {});
    }
    return end;
  });
}

function read(
  sftp: Sftp,
  channel: SFTPWrapper,
  handle: Buffer,
  buffer: Buffer,
  length: number,
  start: number,
): Promise<number> {
  return sftp.guarded(
    sftp.transport.request<number>((done) =>
      channel.read(handle, buffer, length, PIECE - length, start + length, done),
    ),
  );
}
