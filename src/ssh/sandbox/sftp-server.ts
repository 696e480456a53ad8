import { constants } from "node:fs";
import * as fs from "node:fs/promises";
import { join } from "node:path";
import type { Attributes, FileEntry, SFTPWrapper } from "ssh2";
import { attributesOf, longName } from "./attributes.ts";
import { confine } from "./confinement.ts";
import { announceExtensions, readStrings, sendExtendedReply } from "./sftp-extensions.ts";

/** Status codes and open flags (draft-ietf-secsh-filexfer-02, sections 7 and 6.3). */
const STATUS = {
  OK: 0,
  EOF: 1,
  NO_SUCH_FILE: 2,
  DENIED: 3,
  FAILURE: 4,
  BAD_MESSAGE: 5,
  UNSUPPORTED: 8,
};
const OPEN = { READ: 1, WRITE: 2, APPEND: 4, CREAT: 8, TRUNC: 16, EXCL: 32 };

const EXTENSIONS = {
  "posix-rename@openssh.com": "1",
  "statvfs@openssh.com": "2",
  "hardlink@openssh.com": "1",
  "fsync@openssh.com": "1",
  "limits@openssh.com": "1",
};
const MAX_PACKET = 256 * 1024;
const MAX_DATA = MAX_PACKET - 1024;
const ENTRIES_PER_REPLY = 100;

/** The answer to one request; a string or nothing means success. */
type Reply =
  | { handle: Buffer }
  | { data: Buffer }
  | { names: FileEntry[] }
  | { attributes: Attributes }
  | { numbers: (number | bigint)[] }
  | { status: number }
  // biome-ignore lint/suspicious/noConfusingVoidType: what an operation without an answer returns
  | void;

type Handle = { file: fs.FileHandle } | { entries: FileEntry[] };

/**
 * Serves the files below `root` on an SFTP channel; requests are processed one after the other. Over 80
 * lines: the table of the protocol's requests, all on the same open handles.
 */
export function serveSftp(sftp: SFTPWrapper, root: string): void {
  const handles = new Map<number, Handle>();
  let nextHandle = 0;
  let queue: Promise<unknown> = Promise.resolve();

  const followed = (path: string) => confine(root, path, true);
  const itself = (path: string) => confine(root, path, false);
  const newHandle = (handle: Handle): Reply => {
    const bytes = Buffer.alloc(4);
    bytes.writeUInt32BE(nextHandle);
    handles.set(nextHandle++, handle);
    return { handle: bytes };
  };
  const handleOf = (bytes: Buffer): Handle => {
    const handle = bytes.length === 4 ? handles.get(bytes.readUInt32BE(0)) : undefined;
    if (handle === undefined) throw Object.assign(new Error("Unknown handle"), { code: "EBADF" });
    return handle;
  };
  const fileOf = (bytes: Buffer): fs.FileHandle => {
    const handle = handleOf(bytes);
    if (!("file" in handle)) throw Object.assign(new Error("Not a file"), { code: "EBADF" });
    return handle.file;
  };

  const operations: Record<string, (...args: never[]) => Promise<Reply>> = {
    async OPEN(path: string, flags: number, { mode }: Partial<Attributes>) {
      return newHandle({
        file: await fs.open(await followed(path), openFlags(flags), mode ?? 0o666),
      });
    },
    async CLOSE(handle: Buffer) {
      const open = handleOf(handle);
      handles.delete(handle.readUInt32BE(0));
      if ("file" in open) await open.file.close();
    },
    async READ(handle: Buffer, offset: number, length: number) {
      const buffer = Buffer.allocUnsafe(Math.min(length, MAX_DATA));
      const { bytesRead } = await fileOf(handle).read(buffer, 0, buffer.length, offset);
      return bytesRead === 0 ? { status: STATUS.EOF } : { data: buffer.subarray(0, bytesRead) };
    },
    async WRITE(handle: Buffer, offset: number, data: Buffer) {
      let done = 0;
      while (done < data.length) {
        const rest = data.length - done;
        done += (await fileOf(handle).write(data, done, rest, offset + done)).bytesWritten;
      }
    },
    async STAT(path: string) {
      return { attributes: attributesOf(await fs.stat(await followed(path))) };
    },
    async LSTAT(path: string) {
      return { attributes: attributesOf(await fs.lstat(await itself(path))) };
    },
    async FSTAT(handle: Buffer) {
      return { attributes: attributesOf(await fileOf(handle).stat()) };
    },
    async SETSTAT(path: string, attributes: Partial<Attributes>) {
      const file = await followed(path);
      if (attributes.size !== undefined) await fs.truncate(file, attributes.size);
      if (attributes.mode !== undefined) await fs.chmod(file, attributes.mode & 0o7777);
      if (hasTimes(attributes)) await fs.utimes(file, attributes.atime, attributes.mtime);
      if (hasOwner(attributes)) await fs.chown(file, attributes.uid, attributes.gid);
    },
    async FSETSTAT(handle: Buffer, attributes: Partial<Attributes>) {
      const file = fileOf(handle);
      if (attributes.size !== undefined) await file.truncate(attributes.size);
      if (attributes.mode !== undefined) await file.chmod(attributes.mode & 0o7777);
      if (hasTimes(attributes)) await file.utimes(attributes.atime, attributes.mtime);
      if (hasOwner(attributes)) await file.chown(attributes.uid, attributes.gid);
    },
    async OPENDIR(path: string) {
      return newHandle({ entries: await entriesOf(await followed(path)) });
    },
    async READDIR(handle: Buffer) {
      const open = handleOf(handle);
      const names = "entries" in open ? open.entries.splice(0, ENTRIES_PER_REPLY) : [];
      return names.length === 0 ? { status: STATUS.EOF } : { names };
    },
    async REMOVE(path: string) {
      await fs.unlink(await itself(path));
    },
    async MKDIR(path: string, { mode }: Partial<Attributes>) {
      await fs.mkdir(await itself(path), mode ?? 0o777);
    },
    async RMDIR(path: string) {
      await fs.rmdir(await itself(path));
    },
    async REALPATH(path: string) {
      const filename = await followed(path);
      return { names: [{ filename, longname: filename, attrs: {} as Attributes }] };
    },
    async RENAME(from: string, to: string) {
      const [source, target] = [await itself(from), await itself(to)];
      // SFTP 3 does not replace files. Directories cannot be hard-linked, so check for existence instead.
      if (await fs.lstat(target).catch(() => undefined)) return { status: STATUS.FAILURE };
      await fs.rename(source, target);
    },
    async READLINK(path: string) {
      const filename = await fs.readlink(await itself(path));
      return { names: [{ filename, longname: filename, attrs: {} as Attributes }] };
    },
    async SYMLINK(link: string, target: string) {
      await fs.symlink(target, await itself(link));
    },
    async EXTENDED(name: string, data: Buffer = Buffer.alloc(0)) {
      const [first = "", second = ""] = readStrings(data);
      switch (name) {
        case "posix-rename@openssh.com":
          return fs.rename(await itself(first), await itself(second));
        case "hardlink@openssh.com":
          return fs.link(await itself(first), await itself(second));
        case "fsync@openssh.com":
          return fileOf(readHandle(data)).sync();
        case "statvfs@openssh.com": {
          const free = await fs.statfs(await followed(first), { bigint: true });
          const { bsize, blocks, bfree, bavail, files, ffree } = free;
          return { numbers: [bsize, bsize, blocks, bfree, bavail, files, ffree, ffree, 0, 0, 255] };
        }
        case "limits@openssh.com":
          return { numbers: [MAX_PACKET, MAX_DATA, MAX_DATA, 0] };
        default:
          return { status: STATUS.UNSUPPORTED };
      }
    },
  };

  announceExtensions(sftp, EXTENSIONS);
  for (const [name, operation] of Object.entries(operations)) {
    sftp.on(name, (request: number, ...args: never[]) => {
      queue = queue.then(async () => {
        try {
          send(sftp, request, await operation(...args));
        } catch (error) {
          sftp.status(request, statusOf(error), (error as Error).message);
        }
      });
    });
  }
  const closeAll = () => {
    queue = queue.then(async () => {
      for (const open of handles.values()) if ("file" in open) await open.file.close();
      handles.clear();
    });
  };
  sftp.on("error", closeAll).on("close", closeAll);
  // A client that is done sends an end of file and waits for the channel to be closed.
  sftp.on("end", () => {
    // Throws if the connection is gone and was compressed.
    queue = queue.then(() => sftp.end()).catch(() => {});
  });
}

function send(sftp: SFTPWrapper, request: number, reply: Reply) {
  if (reply === undefined) sftp.status(request, STATUS.OK);
  else if ("handle" in reply) sftp.handle(request, reply.handle);
  else if ("data" in reply) sftp.data(request, reply.data);
  else if ("names" in reply) sftp.name(request, reply.names);
  else if ("attributes" in reply) sftp.attrs(request, reply.attributes);
  else if ("numbers" in reply) sendExtendedReply(sftp, request, reply.numbers);
  else sftp.status(request, reply.status);
}

/** errno as translated by OpenSSH's sftp-server. */
function statusOf(error: unknown): number {
  switch ((error as NodeJS.ErrnoException).code) {
    case "ENOENT":
    case "ENOTDIR":
    case "EBADF":
    case "ELOOP":
      return STATUS.NO_SUCH_FILE;
    case "EPERM":
    case "EACCES":
      return STATUS.DENIED;
    case "ENAMETOOLONG":
    case "EINVAL":
      return STATUS.BAD_MESSAGE;
    default:
      return STATUS.FAILURE;
  }
}

function openFlags(flags: number): number {
  const access =
    flags & OPEN.WRITE
      ? flags & OPEN.READ
        ? constants.O_RDWR
        : constants.O_WRONLY
      : constants.O_RDONLY;
  return (
    access |
    (flags & OPEN.APPEND ? constants.O_APPEND : 0) |
    (flags & OPEN.CREAT ? constants.O_CREAT : 0) |
    (flags & OPEN.TRUNC ? constants.O_TRUNC : 0) |
    (flags & OPEN.EXCL ? constants.O_EXCL : 0)
  );
}

async function entriesOf(folder: string): Promise<FileEntry[]> {
  const names = [".", "..", ...(await fs.readdir(folder))];
  const entries = await Promise.all(
    names.map(async (filename) => {
      // Skip an entry that has disappeared meanwhile.
      const stats = await fs.lstat(join(folder, filename)).catch(() => undefined);
      if (stats === undefined) return [];
      return [{ filename, longname: longName(filename, stats), attrs: attributesOf(stats) }];
    }),
  );
  return entries.flat();
}

function readHandle(data: Buffer): Buffer {
  return data.subarray(4, 4 + data.readUInt32BE(0));
}

function hasTimes(given: Partial<Attributes>): given is Pick<Attributes, "atime" | "mtime"> {
  return given.atime !== undefined && given.mtime !== undefined;
}

function hasOwner(given: Partial<Attributes>): given is Pick<Attributes, "uid" | "gid"> {
  return given.uid !== undefined && given.gid !== undefined;
}
