import { createReadStream } from "node:fs";
import { chmod } from "node:fs/promises";
import path from "node:path";
import type { Readable } from "node:stream";
import type { ReadEntry, Unpack } from "tar";
import { BuildoutError, messageOf } from "../../../errors/error.ts";
import { damaged, guard, throughLink } from "./guard.ts";
import { Links } from "./links.ts";
import type { UnpackRequest } from "./request.ts";

/** Programs for formats that the tar library cannot read, with their Debian packages. */
const PACKAGES = { bzip2: "bzip2", xz: "xz-utils", zstd: "zstd" } as const;

export type Decompressor = keyof typeof PACKAGES;

/** A tar archive's bytes, and whether all of them came. */
interface Source {
  stream: Readable;
  /** Rejects with errors outside the stream. */
  done: Promise<void>;
}

async function decompressed(
  { source, shown }: UnpackRequest,
  program: Decompressor,
): Promise<Source> {
  const { execa } = await import("execa");
  const child = execa(program, ["-dc"], {
    inputFile: source,
    buffer: { stdout: false, stderr: true },
    reject: false,
  });
  const done = child.then((result) => {
    if (result.exitCode === 0 || result.signal === "SIGPIPE") return;
    if (result.code === "ENOENT") {
      throw new BuildoutError("missing-program", `${shown} can only be unpacked with ${program}.`, {
        hint: `Install it, for instance with: sudo apt-get install ${PACKAGES[program]}`,
      });
    }
    throw damaged(shown, result.stderr.trim() || `${program} failed.`);
  });
  done.catch(() => {}); // Asked for later.
  return { stream: child.stdout, done };
}

function memberOf(entry: ReadEntry) {
  const { path: name, type, linkpath: target = "" } = entry;
  if (type === "SymbolicLink") return { name, link: { kind: "symbolic", target } } as const;
  if (type === "Link") return { name, link: { kind: "hard", target } } as const;
  return { name };
}

/** Whether one is the other, or a directory above it. */
function isAbove(one: string, other: string): boolean {
  const [first, second] = [one, other].map((name) => path.posix.normalize(`${name}/`));
  return first!.startsWith(second!) || second!.startsWith(first!);
}

const SPECIAL = ["CharacterDevice", "BlockDevice", "FIFO"];

/**
 * Passes all bytes on. Rejects with the first error, but only after pending writes are done, so that the
 * directory can be removed.
 */
function passed(stream: Readable, unpack: Unpack, note: (error: unknown) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    let failure: unknown;
    let isOver = false;
    unpack.on("abort", () => {
      isOver = true;
    });
    unpack.on("error", (error: unknown) => {
      const isFirst = failure === undefined;
      failure ??= error;
      note(error);
      if (isOver) reject(failure);
      else if (isFirst) unpack.end();
    });
    unpack.on("close", () => (failure === undefined ? resolve() : reject(failure)));
    stream.on("error", reject);
    stream.pipe(unpack);
  });
}

/**
 * Unpacks a tar archive. Files and directories keep their permissions, whatever the umask, except setuid,
 * setgid and sticky bits; devices and the like are skipped. Throws `unsafe-archive`, `invalid-archive`,
 * `missing-program`, and `unknown-archive` if the unpacked bytes are not a tar archive.
 */
export async function unpackTar(
  request: UnpackRequest,
  program: Decompressor | undefined,
): Promise<void> {
  const { folder, include, linkLevels = 0, shown, source } = request;
  const { extract } = await import("tar");
  const modes = new Map<string, number>();
  /** The library keeps the permissions of an existing file. */
  const again = new Set<string>();
  const links = new Links(shown);
  let refused: unknown;
  let failure: unknown;
  let members = 0;
  /** Records whether a member is a symbolic link, or a hard link to one. Throws `unsafe-archive`. */
  const isLink = (entry: ReadEntry): boolean => {
    const member = memberOf(entry);
    guard(shown, member, linkLevels);
    const { name, link } = member;
    const target = link?.kind === "hard" ? links.target(link.target) : link?.target;
    if (target === undefined) {
      // The tar library would deadlock.
      if (link !== undefined && isAbove(link.target, name)) {
        throw damaged(shown, `the link ${name} points to ${link.target}.`);
      }
      links.addOther(name);
      return false;
    }
    guard(shown, { name, link: { kind: "symbolic", target } }, linkLevels);
    links.add(name, target);
    modes.delete(path.posix.normalize(entry.path));
    return true;
  };
  const filter = (_: string, item: unknown) => {
    const entry = item as ReadEntry;
    members++;
    if ((refused ?? failure) !== undefined || SPECIAL.includes(entry.type)) return false;
    if (include?.(entry.path.replace(/\/+$/, "")) === false) return false;
    try {
      if (isLink(entry)) return false;
    } catch (error) {
      refused = error;
      return false;
    }
    // As in Python's `data` filter: archives must not create setuid files.
    if (entry.mode !== undefined) entry.mode &= 0o777;
    const name = path.posix.normalize(entry.path);
    if (modes.has(name)) again.add(name);
    if (/File$/.test(entry.type) && entry.mode !== undefined) modes.set(name, entry.mode);
    if (entry.type === "Directory") modes.set(name, (entry.mode ?? 0) | 0o700);
    return true;
  };
  const { stream, done } =
    program === undefined
      ? { stream: createReadStream(source), done: Promise.resolve() }
      : await decompressed(request, program);
  try {
    const unpack = extract({ cwd: folder, strict: true, preserveOwner: false, filter });
    await passed(stream, unpack, (error) => {
      failure ??= error;
    });
  } catch (error) {
    stream.destroy();
    if (refused !== undefined) throw refused;
    await done;
    throw explain(error, shown, members);
  }
  if (refused !== undefined) throw refused;
  await done;
  for (const [name, mode] of modes) {
    if (mode & process.umask() || again.has(name)) await chmod(path.join(folder, name), mode);
  }
  await links.make(folder);
}

function explain(error: unknown, shown: string, members: number): unknown {
  const { code, name, path: place } = error as NodeJS.ErrnoException;
  if (name === "SymlinkError" || code === "TAR_SYMLINK_ERROR") {
    return throughLink(shown, String(place ?? ""));
  }
  if (members === 0 && (code === "TAR_BAD_ARCHIVE" || code === "TAR_ENTRY_INVALID")) {
    return new BuildoutError("unknown-archive", `${shown} is not an archive of a known format.`);
  }
  const isOwn = ["EEXIST", "EISDIR", "ENOENT", "ENOTDIR", "ENOTEMPTY", "EPERM"].includes(
    code ?? "",
  );
  return error instanceof Error && "syscall" in error && !isOwn
    ? error
    : damaged(shown, messageOf(error), error);
}
