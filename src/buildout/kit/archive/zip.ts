import { createWriteStream } from "node:fs";
import { chmod, mkdir } from "node:fs/promises";
import path from "node:path";
import { text } from "node:stream/consumers";
import { pipeline } from "node:stream/promises";
import type { Entry, ZipFile } from "yauzl";
import { damaged, guard } from "./guard.ts";
import { Links } from "./links.ts";
import type { UnpackRequest } from "./request.ts";

/** Bits of a file's type in the upper half of the external attributes (`st_mode` of Unix). */
const TYPE = 0o170000;
const SYMBOLIC_LINK = 0o120000;

/** The zip archive in a file, or undefined if it is not one. */
export async function openZip(file: string): Promise<ZipFile | undefined> {
  const { openPromise } = await import("yauzl");
  // Names are decoded below, for a clearer message about unsafe ones.
  return openPromise(file, { decodeStrings: false, autoClose: false }).catch((error: Error) => {
    if ("syscall" in error) throw error;
    return undefined;
  });
}

/** Unpacks a zip archive and closes it. Throws `unsafe-archive` and `invalid-archive`. */
export async function unpackZip(zip: ZipFile, request: UnpackRequest): Promise<void> {
  const { getFileNameLowLevel } = await import("yauzl");
  const { folder, include, linkLevels = 0, shown } = request;
  const links = new Links(shown);
  const unpack = async (entry: Entry) => {
    const name = getFileNameLowLevel(
      entry.generalPurposeBitFlag,
      entry.fileNameRaw,
      entry.extraFields,
      false,
    );
    if (include?.(name) === false) return;
    guard(shown, { name }, linkLevels);
    const mode = entry.externalFileAttributes >>> 16;
    if ((mode & TYPE) === SYMBOLIC_LINK) {
      const target = await text(await zip.openReadStreamPromise(entry));
      guard(shown, { name, link: { kind: "symbolic", target } }, linkLevels);
      links.add(name, target);
      return;
    }
    links.addOther(name);
    const file = path.join(folder, name);
    if (name.endsWith("/")) {
      await mkdir(file, { recursive: true });
      if (mode & 0o777) await chmod(file, (mode & 0o777) | 0o700);
      return;
    }
    await mkdir(path.dirname(file), { recursive: true });
    await pipeline(await zip.openReadStreamPromise(entry), createWriteStream(file));
    if (mode & 0o777) await chmod(file, mode & 0o777);
  };
  try {
    for await (const entry of zip.eachEntry()) await unpack(entry);
  } catch (error) {
    const { code = "", name } = error as NodeJS.ErrnoException;
    // A path that is both a file and a directory.
    const isOwn = ["EEXIST", "EISDIR", "ENOTDIR"].includes(code);
    const known = !isOwn && ("syscall" in (error as Error) || name === "BuildoutError");
    throw known ? error : damaged(shown, String((error as Error).message), error);
  } finally {
    zip.close();
  }
  await links.make(folder);
}
