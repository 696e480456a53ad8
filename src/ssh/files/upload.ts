/** Uploads a file. Over 300 lines: one upload in several pieces, and what each failure means. */
import { constants } from "node:fs";
import { type FileHandle, open, stat } from "node:fs/promises";
import { posix } from "node:path";
import type { SFTPWrapper, Stats } from "ssh2";
import { BuildoutError } from "../../errors/error.ts";
import { unusual } from "../../system/file-kind.ts";
import { reasonOf } from "../../system/reason.ts";
import { inFlight, together } from "./in-flight.ts";
import { abandoned, finished, partName } from "./leftovers.ts";
import { type Sftp, STATUS } from "./sftp.ts";
import { WriteRequest } from "./write-request.ts";

export interface PutOptions {
  /** Permissions; default: those of the local file, 0o644 for bytes. */
  mode?: number;
  onProgress?(bytes: number, total: number): void;
  signal?: AbortSignal;
}

/** For a server that announces its limits: OpenSSH's for one write. */
const LARGE = 255 * 1024;
/** For others, some of which corrupted larger writes. */
const SMALL = { bytes: 32 * 1024, inFlight: 32 };

interface Source {
  size: number;
  mode: number;
  /** Fills `pieces` one after the other; returns less than their length only at the end. */
  read(pieces: readonly Uint8Array[], position: number): Promise<number>;
  close(): Promise<void>;
}

/**
 * Uploads a local file (a path) or bytes: to a temporary name next to the target, flushed to disk if the
 * server supports it, then renamed over it. The target is always either the old or the new file.
 *
 * @throws BuildoutError `local-file-unreadable`, `remote-file-missing` (no such folder),
 *   `remote-not-writable`, `remote-disk-full`, `connection-lost`, `interrupted`
 */
export async function upload(
  sftp: Sftp,
  source: string | Uint8Array,
  path: string,
  options: PutOptions = {},
): Promise<void> {
  const input = typeof source === "string" ? await fileSource(source) : bytesSource(source);
  const part = partName(path);
  try {
    options.signal?.throwIfAborted();
    await sftp.during(async () => {
      await writePart(sftp, input, part, path, options);
      await sftp.rename(part, path);
    });
  } catch (error) {
    if (sftp.transport.lost === undefined) {
      // Report the first error; the next upload removes leftovers.
      await sftp.unlink(part).catch(() => {});
    }
    if (options.signal?.aborted) {
      const message = `Interrupted the upload of ${path} to ${sftp.transport.where}`;
      throw new BuildoutError("interrupted", message);
    }
    // SFTP 3 has no status for replacing a directory with a file.
    if (error instanceof BuildoutError && error.code === "remote-failure") {
      const isDirectory = (await sftp.stat(path).catch(() => undefined))?.isDirectory();
      if (isDirectory === true) throw inTheWay(sftp, path, error);
    }
    throw error;
  } finally {
    finished(part);
    await input.close();
  }
}

/** The rename would replace a device, such as /dev/null, or a named pipe with a file. */
async function unusualTarget(sftp: Sftp, path: string): Promise<string | undefined> {
  try {
    const channel = await sftp.channel();
    const stats = await sftp.guarded(
      sftp.transport.request<Stats>((done) => channel.stat(path, done)),
    );
    return stats.isDirectory() ? undefined : unusual(stats);
  } catch {
    // It does not exist, or the upload itself will report the problem.
    return undefined;
  }
}

function notRegular(sftp: Sftp, path: string, kind: string) {
  const message = `${path} on ${sftp.transport.where} is ${kind}, not a regular file`;
  return new BuildoutError("remote-not-writable", message);
}

async function writePart(
  sftp: Sftp,
  input: Source,
  part: string,
  path: string,
  options: PutOptions,
) {
  const mode = options.mode ?? input.mode;
  // One round trip for both.
  const [handle, kind] = await Promise.all([
    sftp.call<Buffer>("write", path, (channel, done) =>
      channel.open(part, "w", { mode: 0o600 }, done),
    ),
    unusualTarget(sftp, path),
  ]);
  const close = () =>
    sftp.call<void>("write", path, (channel, done) => channel.close(handle, done), true);
  const sweeping = sweep(sftp, part);
  try {
    if (kind !== undefined) throw notRegular(sftp, path, kind);
    sftp.transport.roundTrips++;
    await Promise.all([
      writeAll(sftp, handle, input, path, options),
      sftp.call<void>("write", path, (to, done) => to.fchmod(handle, mode, done), true),
    ]);
    sftp.transport.roundTrips++;
    await Promise.all([
      sftp.extension("write", path, (to, done) => to.ext_openssh_fsync(handle, done), true),
      // Requests for one file are processed in order (filexfer-02, 6.1).
      close(),
    ]);
  } catch (error) {
    // Report the first error.
    if (sftp.transport.lost === undefined) await close().catch(() => {});
    if (isPipelineFailure(error)) await failIfFull(sftp, path, input.size, error);
    throw sftp.explain(error, "write", path);
  } finally {
    await sweeping;
  }
}

async function writeAll(
  sftp: Sftp,
  handle: Buffer,
  input: Source,
  path: string,
  options: PutOptions,
) {
  const channel = await sftp.channel();
  const large = { bytes: LARGE, inFlight: inFlight(sftp.transport.latency) };
  const pieces = announcesLimits(channel) ? large : SMALL;
  const count = Math.min(pieces.inFlight, Math.ceil(input.size / pieces.bytes));
  const send = (parallel: number) =>
    writePieces(sftp, channel, handle, input, pieces.bytes, parallel, options);
  try {
    await send(count);
  } catch (error) {
    if (!isPipelineFailure(error)) throw error;
    await failIfFull(sftp, path, input.size, error);
    // Some servers only accept one write at a time.
    await send(1);
  }
}

/** Keeps `count` writes pending until the end of the source. */
async function writePieces(
  sftp: Sftp,
  channel: SFTPWrapper,
  handle: Buffer,
  input: Source,
  bytes: number,
  count: number,
  { onProgress, signal }: PutOptions,
) {
  let position = 0;
  let written = 0;
  await together(count, () => {
    const request = new WriteRequest(channel, handle, Math.min(bytes, input.size));
    return async () => {
      signal?.throwIfAborted();
      const start = position;
      if (start >= input.size) return false;
      position += bytes;
      const length = await input.read(request.data, start);
      if (length === 0) return false;
      await sftp.guarded(sftp.transport.request<void>((done) => request.send(length, start, done)));
      written += length;
      onProgress?.(written, input.size);
      return true;
    };
  });
  if (written < input.size) {
    throw new BuildoutError("local-file-changed", "The local file became shorter while uploading");
  }
}

/** Whether ssh2 asked the server for its limits (limits@openssh.com) and keeps to them. */
function announcesLimits(channel: SFTPWrapper): boolean {
  return (channel as { maxOpenHandles?: number }).maxOpenHandles !== undefined;
}

function isPipelineFailure(error: unknown): boolean {
  const { code } = error as { code?: unknown };
  return code === STATUS.FAILURE || code === STATUS.UNSUPPORTED;
}

/** SFTP 3 has no code for a full disk: servers say "Failure". Check the free space. */
async function failIfFull(sftp: Sftp, path: string, size: number, cause: unknown) {
  const folder = posix.dirname(path);
  let free: { f_bavail: number; f_frsize: number; f_favail: number } | undefined;
  try {
    const channel = await sftp.channel();
    free = await sftp.guarded(
      sftp.transport.request((done) => channel.ext_openssh_statvfs(folder, done as never)),
    );
  } catch {
    // Without statvfs@openssh.com, only the plain failure can be reported.
    return;
  }
  if (free === undefined || free.f_bavail * free.f_frsize > size) return;
  throw new BuildoutError(
    "remote-disk-full",
    `No space left on ${sftp.transport.where} for ${path} (${size} bytes)`,
    { hint: `Free some space there: df -h ${folder}`, cause },
  );
}

/** Once per directory and connection: removes leftovers of interrupted uploads. */
async function sweep(sftp: Sftp, part: string) {
  const folder = posix.dirname(part);
  const done = sftp.swept;
  if (done.has(folder)) return;
  done.add(folder);
  try {
    const files = await sftp.list(folder, true);
    const times = files.map(({ filename, attrs }) => ({ name: filename, mtime: attrs.mtime }));
    const now = times.find(({ name }) => name === posix.basename(part))?.mtime ?? 0;
    await Promise.all(abandoned(times, now).map((name) => sftp.unlink(posix.join(folder, name))));
  } catch {
    // Only cleanup: an unreadable directory or a vanished file does no harm.
  }
}

async function fileSource(path: string): Promise<Source> {
  let file: FileHandle | undefined;
  try {
    // Check before opening: a named pipe would block.
    const kind = unusual(await stat(path));
    if (kind !== undefined) throw new Error(`it is ${kind}, not a regular file`);
    file = await open(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
    const stats = await file.stat();
    return { size: stats.size, mode: stats.mode & 0o777, ...readerOf(file, path) };
  } catch (error) {
    await file?.close();
    throw unreadable(path, error);
  }
}

function readerOf(file: FileHandle, path: string): Pick<Source, "read" | "close"> {
  return {
    async read(pieces, position) {
      let length = 0;
      let rest = pieces;
      try {
        while (rest.length > 0) {
          const { bytesRead } = await file.readv(rest, position + length);
          if (bytesRead === 0) break;
          length += bytesRead;
          rest = after(rest, bytesRead);
        }
      } catch (error) {
        throw unreadable(path, error);
      }
      return length;
    },
    close: () => file.close(),
  };
}

/** `pieces` without their first `length` bytes. */
function after(pieces: readonly Uint8Array[], length: number): Uint8Array[] {
  let before = 0;
  return pieces.flatMap((piece) => {
    const skipped = Math.min(piece.length, Math.max(0, length - before));
    before += piece.length;
    return skipped === piece.length ? [] : [piece.subarray(skipped)];
  });
}

function unreadable(path: string, cause: unknown) {
  const message = `Cannot read ${path}: ${reasonOf(cause)}`;
  return new BuildoutError("local-file-unreadable", message, { cause });
}

function inTheWay(sftp: Sftp, path: string, cause: unknown) {
  const message = `${path} is a directory on ${sftp.transport.where}, not a file`;
  return new BuildoutError("remote-not-writable", message, {
    hint: "Name a file in it.",
    cause,
  });
}

function bytesSource(bytes: Uint8Array): Source {
  return {
    size: bytes.length,
    mode: 0o644,
    async read(pieces, position) {
      let at = position;
      for (const piece of pieces) {
        const some = bytes.subarray(at, at + piece.length);
        piece.set(some);
        at += some.length;
      }
      return at - position;
    },
    async close() {},
  };
}
