import { createHash } from "node:crypto";
import { dirname } from "node:path/posix";
import type { Release } from "../../distributions/distribution.ts";
import type { BundleFile } from "./fileset.ts";
import { entryLine } from "./manifest.ts";

/** Everything that one deployment of one host brings there. */
export interface DeployedRelease {
  /**
   * Hash of all that decides the outcome: the part, files, pins, hashes of the develop packages. Two
   * parts may have one directory on a host, where each has a configuration of its own.
   */
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
  const unique = [...new Map(files.map((file) => [file.path, file])).values()];
  const holders = new Set(unique.map(({ path }) => dirname(path)));
  // Another `include`, or a configuration, can bring something into a directory that is empty here.
  const sorted = unique
    .filter(({ kind, path }) => kind !== "directory" || !holders.has(path))
    .sort(byPath);
  const hash = createHash("sha256").update(`${host}\n`);
  for (const file of sorted) hash.update(`${entryLine(file)}\n`);
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

/** Of the paths of a release, the configuration that the host builds, whichever part it is of. */
export function configurationIn(paths: Iterable<string>, id: string): string | undefined {
  return [...paths].find((path) => path.endsWith(`-${id}.cfg`) && !path.includes("/"));
}

function byPath(a: BundleFile, b: BundleFile): number {
  return a.path < b.path ? -1 : a.path > b.path ? 1 : 0;
}
