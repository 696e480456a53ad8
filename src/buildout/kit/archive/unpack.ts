/** Archives that recipes download: tar (gzip, bzip2, xz, zstd) and zip, recognized by content. */
import { chmod, copyFile, mkdir, open, readdir, stat, utimes } from "node:fs/promises";
import path from "node:path";
import { BuildoutError } from "../../../errors/error.ts";
import type { UnpackRequest } from "./request.ts";
import { type Decompressor, unpackTar } from "./tar.ts";
import { openZip, unpackZip } from "./zip.ts";

export type { UnpackRequest } from "./request.ts";

const MAGIC: [number[], "zip" | "gzip" | Decompressor][] = [
  [[0x50, 0x4b, 0x03, 0x04], "zip"],
  [[0x50, 0x4b, 0x05, 0x06], "zip"],
  [[0x1f, 0x8b], "gzip"],
  [[0x42, 0x5a, 0x68], "bzip2"],
  [[0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00], "xz"],
  [[0x5d, 0x00, 0x00], "xz"],
  [[0x28, 0xb5, 0x2f, 0xfd], "zstd"],
];

async function firstBlock(file: string): Promise<Buffer> {
  const handle = await open(file);
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(512), 0, 512, 0);
    return buffer.subarray(0, bytesRead);
  } finally {
    await handle.close();
  }
}

async function formatOf(block: Buffer): Promise<"zip" | "gzip" | "tar" | Decompressor | undefined> {
  const known = MAGIC.find(([bytes]) => bytes.every((byte, i) => block[i] === byte));
  if (known !== undefined) return known[1];
  if (block.length < 512) return undefined;
  const { Header } = await import("tar");
  const header = new Header(block);
  return header.cksumValid || header.nullBlock ? "tar" : undefined;
}

/** Copies the files of a directory with their times and permissions, except setuid and the like. */
async function copyFolder({ source, folder, include }: UnpackRequest, below = ""): Promise<void> {
  for (const entry of await readdir(path.join(source, below), { withFileTypes: true })) {
    const name = below + entry.name;
    if (entry.isDirectory()) {
      await copyFolder({ source, folder, include, shown: source }, `${name}/`);
      continue;
    }
    const from = path.join(source, name);
    const facts = await stat(from).catch(() => undefined);
    if (!facts?.isFile() || include?.(name) === false) continue;
    const to = path.join(folder, name);
    await mkdir(path.dirname(to), { recursive: true });
    await copyFile(from, to);
    if (facts.mode & 0o7000) await chmod(to, facts.mode & 0o777);
    await utimes(to, facts.atime, facts.mtime);
  }
}

/**
 * Unpacks an archive. On an error, part of the archive may be left in the directory: `unknown-archive`,
 * `unsafe-archive` (a path or link points outside), `invalid-archive` (damaged), `missing-program` (bzip2,
 * xz or zstd).
 */
export async function unpackArchive(request: UnpackRequest): Promise<void> {
  const { source, shown } = request;
  if ((await stat(source)).isDirectory()) return copyFolder(request);
  const format = await formatOf(await firstBlock(source));
  if (format === "tar" || format === "gzip") return unpackTar(request, undefined);
  if (format !== undefined && format !== "zip") return unpackTar(request, format);
  // A zip archive can have a prefix, such as a self-extracting program.
  const zip = await openZip(source);
  if (zip !== undefined) return unpackZip(zip, request);
  if (format === "zip") {
    throw new BuildoutError("invalid-archive", `${shown} cannot be unpacked: its end is missing.`, {
      hint: "It is incomplete. Remove it from the download cache, if it is there.",
    });
  }
  throw new BuildoutError("unknown-archive", `${shown} is not an archive of a known format.`);
}
