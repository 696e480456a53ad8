import { readdirSync, statSync } from "node:fs";
import path from "node:path";
import { BuildoutError } from "../../errors/error.ts";
import { archiveName, type Manifest, parseManifest } from "./manifest.ts";
import { isPackageName } from "./package-requirement.ts";

/** The archive of one exact version in a folder of `links`. */
export interface Archive {
  name: string;
  version: string;
  file: string;
  size: number;
  mtimeMs: number;
}

/**
 * The archives of the pinned versions: package name -> `<name>-<version>.tgz` in the first of the folders
 * `links` that has it. Missing directories are skipped.
 */
export async function findArchives(
  versions: ReadonlyMap<string, string>,
  links: readonly string[],
): Promise<Map<string, Archive>> {
  const found = new Map<string, Archive>();
  const listings = links.map((folder) => [folder, new Set(namesIn(folder))] as const);
  for (const [name, version] of versions) {
    if (!isPackageName(name)) continue;
    const base = `${archiveName(name)}-${version}.tgz`;
    const folder = listings.find(([, files]) => files.has(base))?.[0];
    if (folder === undefined) continue;
    const file = path.join(folder, base);
    const { size, mtimeMs } = statSync(file);
    found.set(name, { name, version, file, size, mtimeMs });
  }
  return found;
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

/** The package.json inside an archive. Throws `invalid-archive` if there is none. */
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
    throw new BuildoutError("invalid-archive", `${file} contains no package.json.`, {
      hint: "Remove it and upload it again.",
    });
  }
  return parseManifest(text, file);
}
