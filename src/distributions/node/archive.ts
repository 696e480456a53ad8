import { readdir, stat } from "node:fs/promises";
import path from "node:path";
import { BuildoutError } from "../../error/index.ts";
import type { ContentFile } from "../content.ts";
import { archiveName, type Manifest, parseManifest } from "./manifest.ts";
import { isPackageName } from "./requirement.ts";

/** The archive of one exact version in a folder of `links`. */
export interface Archive {
  name: string;
  version: string;
  file: string;
  size: number;
  mtimeMs: number;
}

/**
 * The archives that the pins name: package name -> `<name>-<version>.tgz` in the first of the
 * folders `links` that has it. Folders that do not exist are passed over.
 */
export async function findArchives(
  versions: ReadonlyMap<string, string>,
  links: readonly string[],
): Promise<Map<string, Archive>> {
  const found = new Map<string, Archive>();
  const listings = await Promise.all(
    links.map(async (folder) => [folder, new Set(await readdir(folder).catch(() => []))] as const),
  );
  for (const [name, version] of versions) {
    if (!isPackageName(name)) continue;
    const base = `${archiveName(name)}-${version}.tgz`;
    const folder = listings.find(([, files]) => files.has(base))?.[0];
    if (folder === undefined) continue;
    const file = path.join(folder, base);
    const { size, mtimeMs } = await stat(file);
    found.set(name, { name, version, file, size, mtimeMs });
  }
  return found;
}

/** The package.json inside an archive. Throws `invalid-archive` where there is none. */
export async function readArchiveManifest(file: string): Promise<Manifest> {
  const { list } = await import("tar");
  let text: string | undefined;
  try {
    await list({
      file,
      strict: true,
      onReadEntry(entry) {
        if (!/^[^/]+\/package\.json$/.test(entry.path)) return;
        const chunks: Buffer[] = [];
        entry.on("data", (chunk) => chunks.push(Buffer.from(chunk)));
        entry.on("end", () => {
          text ??= Buffer.concat(chunks).toString("utf8");
        });
      },
    });
  } catch (cause) {
    throw new BuildoutError("invalid-archive", `${file} is damaged: it cannot be unpacked.`, {
      hint: "Remove it and upload it again.",
      cause,
    });
  }
  if (text === undefined) {
    throw new BuildoutError("invalid-archive", `${file} holds no package.json.`, {
      hint: "Remove it and upload it again.",
    });
  }
  return parseManifest(text, file);
}

/** npm's own date for the files of a package: 1985-10-26, a time that every file system can hold. */
const PACKAGE_TIME = new Date("1985-10-26T08:15:00Z");

/**
 * The bytes of an npm archive (`package/` before each name), which depend on nothing but the
 * files: owner 0, one fixed time, modes 0644 and 0755, the given order, no time in the gzip header.
 */
export async function packArchive(files: readonly ContentFile[]): Promise<Buffer> {
  const { Header, Pack, ReadEntry } = await import("tar");
  const pack = new Pack({ gzip: { level: 9 }, portable: true });
  for (const { path: name, executable, data } of files) {
    const header = new Header({
      path: `package/${name}`,
      mode: executable ? 0o755 : 0o644,
      uid: 0,
      gid: 0,
      size: data.length,
      type: "File",
      mtime: PACKAGE_TIME,
    });
    const entry = new ReadEntry(header);
    entry.end(data);
    pack.write(entry);
  }
  pack.end();
  return Buffer.concat(await pack.collect());
}
