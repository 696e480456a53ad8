import { createHash } from "node:crypto";
import { dirname } from "node:path/posix";
import type { Release } from "../../distributions/distribution.ts";
import { type BundleFile, byPath } from "./fileset.ts";
import { entryLine } from "./manifest.ts";

/** Everything that a deployment puts on one host. */
export interface DeployedRelease {
  /**
   * Hash of everything that determines the outcome: the part, files, pins, hashes of the develop packages.
   * Two parts can share a directory on a host, each with its own configuration.
   */
  id: string;
  /** The configuration that the host builds: `HOST-RELEASE.cfg`. */
  configuration: string;
  files: BundleFile[];
  packages: Release[];
}

/**
 * One file for each path, the last one; without directories that others are in, which another `include` or a
 * configuration may have added; sorted.
 */
export function assembled(files: readonly BundleFile[]): BundleFile[] {
  const unique = new Map<string, BundleFile>();
  for (const file of files) unique.set(file.path, file);
  for (const path of [...unique.keys()]) {
    const folder = dirname(path);
    if (unique.get(folder)?.kind === "directory") unique.delete(folder);
  }
  return [...unique.values()].sort(byPath);
}

/** The same files, and one at the top. */
export function withFile(files: readonly BundleFile[], file: BundleFile): BundleFile[] {
  const others = files.filter(({ path }) => path !== file.path);
  const index = others.findIndex(({ path }) => path > file.path);
  others.splice(index === -1 ? others.length : index, 0, file);
  return others;
}

/**
 * Makes a release of `assembled` files. `hostConfiguration` is the text of HOST-RELEASE.cfg; its name contains the
 * id, so only its text is hashed.
 */
export function makeRelease(
  host: string,
  files: readonly BundleFile[],
  hostConfiguration: (name: string) => BundleFile,
  packages: Release[],
): DeployedRelease {
  const hash = createHash("sha256").update(`${host}\n`);
  hash.update(files.map((file) => `${entryLine(file)}\n`).join(""));
  hash.update(hostConfiguration("").hash);
  for (const { name, version } of packages) hash.update(`${name} ${version}\n`);
  const id = hash.digest("hex").slice(0, 12);
  const configuration = `${host}-${id}.cfg`;
  return {
    ...{ id, configuration, packages },
    files: withFile(files, hostConfiguration(configuration)),
  };
}

/** Among the paths of a release, the configuration that the host builds, whatever its part. */
export function configurationIn(paths: Iterable<string>, id: string): string | undefined {
  return [...paths].find((path) => path.endsWith(`-${id}.cfg`) && !path.includes("/"));
}
