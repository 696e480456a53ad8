/** The download cache: the installer's downloads are stored there first and used from there. */
import { existsSync } from "node:fs";
import { copyFile, mkdir, readdir } from "node:fs/promises";
import { basename, join } from "node:path";
import { renameDurably } from "../../../system/rename-durably.ts";
import { temporaryBeside } from "../../../system/write-atomically.ts";
import {
  type Assignment,
  type Chosen,
  fileSource,
  type Installer,
} from "../installers/installer.ts";
import { normalizeName } from "../requirement.ts";
import { distributionCache } from "../search.ts";

/** The source of each for the installer, by normalized name: a file if there is a download cache. */
export async function cachedSources(
  installer: Installer,
  assignment: Assignment,
  chosen: readonly Chosen[],
  downloadCache: string | undefined,
): Promise<Map<string, string>> {
  const cache = distributionCache(downloadCache);
  const sources = new Map(chosen.map(({ name, source }) => [normalizeName(name), source]));
  if (cache === undefined || installer.download === undefined) return sources;
  const downloads = join(assignment.workshop, "downloads");
  await mkdir(downloads);
  await mkdir(cache, { recursive: true });
  const file = ({ url }: Chosen, folder: string) =>
    url && join(folder, decodeURIComponent(basename(new URL(url).pathname)));
  const remote = chosen.filter((one) => !existsSync(file(one, cache) ?? ""));
  if (remote.length > 0) {
    await installer.download(
      assignment,
      remote.map(({ source }) => source),
      downloads,
    );
  }
  for (const name of await readdir(downloads)) {
    const partial = temporaryBeside(join(cache, name));
    await copyFile(join(downloads, name), partial);
    await renameDurably(partial, join(cache, name));
  }
  for (const one of chosen) {
    const cached = file(one, cache);
    const hash = /#(?:sha\d+|md5)=[0-9a-f]+$/.exec(one.source)?.[0] ?? "";
    if (!cached || !existsSync(cached)) continue;
    sources.set(normalizeName(one.name), fileSource(one.name, cached) + hash);
  }
  return sources;
}
