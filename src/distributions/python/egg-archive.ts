/** Reads files of distributions, including wheels and zipped eggs, from which Python can import directly. */
import { readFileSync } from "node:fs";
import { basename } from "node:path";
import { inflateRawSync } from "node:zlib";

/** Signatures of zip files (PKWARE's APPNOTE): the end of the directory, an entry of it. */
const END = 0x06054b50;
const ENTRY = 0x02014b50;
const DEFLATED = 8;

/** A file in a zip archive; undefined if there is no such file or archive. */
function memberOf(archive: Buffer, member: string): Buffer | undefined {
  const end = archive.lastIndexOf(Buffer.from([0x50, 0x4b, 5, 6]));
  if (end < 0 || end + 22 > archive.length || archive.readUInt32LE(end) !== END) return undefined;
  let at = archive.readUInt32LE(end + 16);
  for (let left = archive.readUInt16LE(end + 10); left > 0; left--) {
    if (at + 46 > archive.length || archive.readUInt32LE(at) !== ENTRY) return undefined;
    const [name, extra, comment] = [28, 30, 32].map((field) => archive.readUInt16LE(at + field));
    if (archive.toString("utf8", at + 46, at + 46 + name!) === member) {
      const start = archive.readUInt32LE(at + 42);
      const data = start + 30 + archive.readUInt16LE(start + 26) + archive.readUInt16LE(start + 28);
      const packed = archive.subarray(data, data + archive.readUInt32LE(at + 20));
      return archive.readUInt16LE(at + 10) === DEFLATED ? inflateRawSync(packed) : packed;
    }
    at += 46 + name! + extra! + comment!;
  }
  return undefined;
}

function inArchive(path: string): string | undefined {
  const [, archive, member] = /^(.*?\.egg)\/(.+)$/s.exec(path) ?? [];
  if (archive === undefined || member === undefined) return undefined;
  try {
    return memberOf(readFileSync(archive), member)?.toString("utf8");
  } catch {
    // It is named like an egg, but is not one.
    return undefined;
  }
}

/** The text of a file; undefined if there is none. */
export function readDistributionFile(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOTDIR") return inArchive(path);
    if (code === "ENOENT" || code === "EISDIR") return undefined;
    throw error;
  }
}

/**
 * The text of METADATA in a wheel; undefined if there is none, and for old-style namespace packages, which
 * may require setuptools without declaring it.
 */
export function readWheelMetadata(file: string): string | undefined {
  try {
    const archive = readFileSync(file);
    const info = `${basename(file).split("-").slice(0, 2).join("-")}.dist-info`;
    if (memberOf(archive, `${info}/namespace_packages.txt`) !== undefined) return undefined;
    return memberOf(archive, `${info}/METADATA`)?.toString("utf8");
  } catch {
    // The installer reports the problem.
    return undefined;
  }
}
