import { createHash } from "node:crypto";
import type { Release } from "../../distributions/distribution.ts";
import type { BundleFile } from "./fileset.ts";

/** Everything that one deployment of one host brings there. */
export interface DeployedRelease {
  /** Hash of all that decides the outcome: files, pins, hashes of the develop packages. */
  id: string;
  /** The configuration that the host builds: `HOST-RELEASE.cfg`. */
  configuration: string;
  files: BundleFile[];
  packages: Release[];
}

/**
 * Puts a release together. `hostConfiguration` is the text of HOST-RELEASE.cfg; its
 * name holds the id, so it counts by its text alone. Two files of one path: the last wins.
 */
export function makeRelease(
  host: string,
  files: readonly BundleFile[],
  hostConfiguration: (name: string) => BundleFile,
  packages: Release[],
): DeployedRelease {
  const sorted = [...new Map(files.map((file) => [file.path, file])).values()].sort(byPath);
  const hash = createHash("sha256");
  for (const file of sorted) hash.update(manifestLine(file));
  hash.update(hostConfiguration("").hash);
  for (const { name, version } of packages) hash.update(`${name} ${version}\n`);
  const id = hash.digest("hex").slice(0, 12);
  const configuration = `${host}-${id}.cfg`;
  return {
    id,
    configuration,
    files: [...sorted, hostConfiguration(configuration)].sort(byPath),
    packages,
  };
}

/** One line for each file: `HASH MODE PATH`. Kept on the host beside the files themselves. */
export function manifest(files: readonly BundleFile[]): string {
  return files.map(manifestLine).join("");
}

function manifestLine(file: BundleFile): string {
  return `${file.hash} ${file.mode.toString(8)} ${file.path}\n`;
}

export interface FileChanges {
  /** Files that the host lacks or has in another version. */
  changed: BundleFile[];
  /** Paths that an earlier release brought and this one lacks. */
  stale: string[];
}

/** Compares a release with the manifest of what the host has; undefined: it has nothing. */
export function compareWithHost(
  files: readonly BundleFile[],
  hostManifest: string | undefined,
): FileChanges {
  if (hostManifest === undefined) return { changed: [...files], stale: [] };
  const there = new Map<string, string>();
  for (const line of hostManifest.split("\n")) {
    const match = /^([0-9a-f]+ [0-7]+) (.+)$/.exec(line);
    if (match !== null) there.set(match[2]!, `${line}\n`);
  }
  const changed = files.filter((file) => there.get(file.path) !== manifestLine(file));
  for (const file of files) there.delete(file.path);
  return { changed, stale: [...there.keys()] };
}

function byPath(a: BundleFile, b: BundleFile): number {
  return a.path < b.path ? -1 : a.path > b.path ? 1 : 0;
}
