import { createReadStream } from "node:fs";
import { chmod } from "node:fs/promises";
import path from "node:path";
import type { Readable } from "node:stream";
import type { ReadEntry } from "tar";
import { BuildoutError, messageOf } from "../../../errors/error.ts";
import { damaged, guard, throughLink } from "./guard.ts";
import type { UnpackRequest } from "./request.ts";

/** Programs that unpack what the tar library does not: the Debian package that has each. */
const PACKAGES = { bzip2: "bzip2", xz: "xz-utils", zstd: "zstd" } as const;

export type Decompressor = keyof typeof PACKAGES;

/** A tar archive's bytes, and whether all of them came. */
interface Source {
  stream: Readable;
  /** Rejects with what went wrong beside the stream. */
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

const SPECIAL = ["CharacterDevice", "BlockDevice", "FIFO"];

/**
 * Unpacks a tar archive. Files and folders get the permissions that they have in it, whatever the umask, but
 * for setuid, setgid and sticky bits; devices and such are passed over. Throws `unsafe-archive`, `invalid-archive`, `missing-program`,
 * and `unknown-archive` where the unpacked bytes are no tar archive.
 */
export async function unpackTar(
  request: UnpackRequest,
  program: Decompressor | undefined,
): Promise<void> {
  const { folder, include, linkLevels = 0, shown, source } = request;
  const { extract } = await import("tar");
  const modes = new Map<string, number>();
  let refused: unknown;
  let members = 0;
  const filter = (_: string, item: unknown) => {
    const entry = item as ReadEntry;
    members++;
    if (refused !== undefined || SPECIAL.includes(entry.type)) return false;
    if (include?.(entry.path.replace(/\/+$/, "")) === false) return false;
    try {
      guard(shown, memberOf(entry), linkLevels);
    } catch (error) {
      refused = error;
      return false;
    }
    // As Python's `data` filter: no archive makes a file that runs as somebody else.
    if (entry.mode !== undefined) entry.mode &= 0o777;
    if (/File$/.test(entry.type) && entry.mode !== undefined) modes.set(entry.path, entry.mode);
    if (entry.type === "Directory") modes.set(entry.path, (entry.mode ?? 0) | 0o700);
    return true;
  };
  const { stream, done } =
    program === undefined
      ? { stream: createReadStream(source), done: Promise.resolve() }
      : await decompressed(request, program);
  try {
    await new Promise<void>((resolve, reject) => {
      const unpack = extract({ cwd: folder, strict: true, preserveOwner: false, filter });
      unpack.on("error", reject);
      unpack.on("close", resolve);
      stream.on("error", reject);
      stream.pipe(unpack);
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
    if (mode & process.umask()) await chmod(path.join(folder, name), mode);
  }
}

function explain(error: unknown, shown: string, members: number): unknown {
  const { code, name, path: place } = error as NodeJS.ErrnoException;
  if (name === "SymlinkError" || code === "TAR_SYMLINK_ERROR") {
    return throughLink(shown, String(place ?? ""));
  }
  if (members === 0 && (code === "TAR_BAD_ARCHIVE" || code === "TAR_ENTRY_INVALID")) {
    return new BuildoutError("unknown-archive", `${shown} is not an archive of a known format.`);
  }
  return error instanceof Error && "syscall" in error
    ? error
    : damaged(shown, messageOf(error), error);
}
