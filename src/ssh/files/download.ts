import { randomBytes } from "node:crypto";
import { setMaxListeners } from "node:events";
import { chmod, type FileHandle, open, rename, rm, stat, symlink } from "node:fs/promises";
import { dirname, join, posix } from "node:path";
import { BuildoutError } from "../../errors/error.ts";
import { unusual } from "../../system/file-kind.ts";
import { makeDirectory } from "../../system/make-directory.ts";
import { reasonOf } from "../../system/reason.ts";
import type { LeftOut } from "./left-out.ts";
import { readBlocks } from "./read.ts";
import type { Sftp } from "./sftp.ts";

export interface GetOptions {
  /** Permissions of the local file; default: those of a new file. */
  mode?: number;
  /** The same, minus the umask. */
  creationMode?: number;
  signal?: AbortSignal;
}

/** Parallel downloads in a directory. */
const IN_FLIGHT = 16;

/**
 * Fetches a file: to a temporary name next to `localPath`, then renamed over it.
 *
 * @throws BuildoutError `remote-file-missing`, `remote-not-readable`, `local-not-writable`,
 *   `connection-lost`
 */
export async function download(
  sftp: Sftp,
  path: string,
  localPath: string,
  { mode, creationMode, signal }: GetOptions = {},
) {
  if (mode === undefined) await refuseUnusual(sftp, path);
  await refuseUnusualTarget(localPath);
  // Short, since the name itself may have the maximum length.
  const part = join(dirname(localPath), `.${randomBytes(6).toString("hex")}.hostout-part`);
  const refused = (error: unknown) => {
    throw notWritable(localPath, error);
  };
  let file: FileHandle | undefined;
  try {
    file = await open(part, "w", mode ?? creationMode).catch(refused);
    await untilAborted(copy(sftp, path, file, refused), signal);
    await file.close().catch(refused);
    if (mode !== undefined) await chmod(part, mode);
    await rename(part, localPath).catch(refused);
  } catch (error) {
    await file?.close().catch(() => {});
    await rm(part, { force: true });
    if (!signal?.aborted) throw error;
    const message = `Interrupted the download of ${path} from ${sftp.transport.where}`;
    throw new BuildoutError("interrupted", message);
  }
}

async function copy(
  sftp: Sftp,
  path: string,
  file: FileHandle,
  refused: (error: unknown) => never,
): Promise<void> {
  const size = await readBlocks(sftp, path, async (block, position) => {
    for (let done = 0; done < block.length; ) {
      const rest = block.length - done;
      done += (await file.write(block, done, rest, position + done).catch(refused)).bytesWritten;
    }
  });
  // Blocks of a file that became shorter may lie beyond its end.
  await file.truncate(size).catch(refused);
}

/** `cause` may name the temporary file. */
function notWritable(path: string, cause: unknown) {
  const message = `Cannot write ${path}: ${reasonOf(cause)}`;
  return new BuildoutError("local-not-writable", message, { cause });
}

/** `work`, or a rejection as soon as `signal` is aborted; the result of `work` is then ignored. */
async function untilAborted<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return work;
  let abort!: () => void;
  const aborted = new Promise<never>((_, reject) => {
    abort = () => reject(signal.reason);
  });
  if (signal.aborted) abort();
  signal.addEventListener("abort", abort, { once: true });
  try {
    return await Promise.race([work, aborted]);
  } finally {
    signal.removeEventListener("abort", abort);
    work.catch(() => {});
  }
}

/** A named pipe or a device could block the host's SFTP server, or never end. */
async function refuseUnusual(sftp: Sftp, path: string): Promise<void> {
  const stats = await sftp.stat(path);
  const kind = stats && unusual(stats);
  if (kind === undefined) return;
  throw new BuildoutError(
    "remote-not-readable",
    `${path} on ${sftp.transport.where} is ${kind}, not a regular file`,
  );
}

/** The rename would replace a device, such as /dev/null, with a file. */
async function refuseUnusualTarget(path: string): Promise<void> {
  const stats = await stat(path).catch(() => undefined);
  const kind = stats && unusual(stats);
  if (kind === undefined) return;
  throw new BuildoutError("local-not-writable", `${path} is ${kind}, not a regular file`);
}

/** A whole file in memory. */
export async function readRemote(sftp: Sftp, path: string): Promise<Buffer> {
  await refuseUnusual(sftp, path);
  const blocks: { bytes: Buffer; position: number }[] = [];
  const size = await readBlocks(sftp, path, async (block, position) => {
    blocks.push({ bytes: Buffer.from(block), position });
  });
  blocks.sort((one, other) => one.position - other.position);
  return Buffer.concat(blocks.map(({ bytes }) => bytes)).subarray(0, size);
}

/**
 * Downloads a directory with its files, directories and links; existing files stay. Returns the entries
 * without content.
 */
export async function downloadDirectory(
  sftp: Sftp,
  path: string,
  localPath: string,
  signal?: AbortSignal,
): Promise<LeftOut[]> {
  const leftOut: LeftOut[] = [];
  // Each file in flight listens, more than Node expects.
  if (signal !== undefined) setMaxListeners(0, signal);
  const work: (() => Promise<void>)[] = [() => folder(path, localPath)];
  const folder = async (from: string, to: string) => {
    try {
      makeDirectory(to);
    } catch (error) {
      throw notWritable(to, error);
    }
    for (const { filename, attrs } of await sftp.list(from)) {
      if (filename.includes("\uFFFD")) throw notUtf8(sftp, from, filename);
      const [source, target] = [posix.join(from, filename), join(to, filename)];
      const kind = unusual(attrs);
      if (attrs.isDirectory()) work.push(() => folder(source, target));
      else if (attrs.isSymbolicLink()) work.push(() => link(source, target));
      else if (kind === undefined) {
        // Special bits are dropped on purpose.
        const options = { mode: attrs.mode & 0o777, ...(signal === undefined ? {} : { signal }) };
        work.push(() => download(sftp, source, target, options));
      } else leftOut.push({ path: source, kind });
    }
  };
  const link = async (from: string, to: string) => {
    const target = await sftp.call<string>("read", from, (channel, done) =>
      channel.readlink(from, done),
    );
    try {
      await rm(to, { force: true });
      await symlink(target, to);
    } catch (error) {
      throw notWritable(to, error);
    }
  };

  const running = new Set<Promise<void>>();
  while (work.length > 0 || running.size > 0) {
    while (work.length > 0 && running.size < IN_FLIGHT) {
      const next = work.pop()!();
      const tracked: Promise<void> = next.finally(() => running.delete(tracked));
      running.add(tracked);
    }
    try {
      await Promise.race(running);
    } catch (error) {
      await Promise.allSettled(running);
      throw error;
    }
  }
  return leftOut.sort((one, other) => (one.path < other.path ? -1 : 1));
}

/** ssh2 decodes names as UTF-8, so others cannot be requested. */
function notUtf8(sftp: Sftp, folder: string, name: string) {
  return new BuildoutError(
    "remote-not-readable",
    `A name in ${folder} on ${sftp.transport.where} is not UTF-8: ${name}`,
    { hint: "Rename it on the host, or download the directory as a tar file." },
  );
}
