import { existsSync } from "node:fs";
import { availableParallelism } from "node:os";
import path from "node:path";
import { BuildoutError } from "../../errors/error.ts";
import type { Release } from "../distribution.ts";
import type { PythonBuild } from "./python-build.ts";
import { PackageFiles } from "./sources.ts";

export interface ReleaseRequest {
  /** Of develop packages, absolute. */
  folders: readonly string[];
  /** Where releases are kept. */
  distDirectory: string;
  /** How Python packages are built. */
  python: PythonBuild;
  underWay: ReleasesUnderWay;
  /** Called with each release as soon as it is made. */
  onRelease(release: Release): void;
}

interface Work extends ReleaseRequest {
  files: PackageFiles;
}

/** Releases in progress, by directory, shared by parallel requests. */
export type ReleasesUnderWay = Map<string, Promise<Release[]>>;

async function releaseNode(
  folder: string,
  { distDirectory, files }: Work,
  besidePython: boolean,
): Promise<Release[]> {
  if (!existsSync(path.join(folder, "package.json"))) return [];
  const { readDevelopPackage } = await import("../node/manifest.ts");
  const { releaseNodePackage } = await import("./node-release.ts");
  const found = await readDevelopPackage(folder, besidePython);
  return found === undefined ? [] : [await releaseNodePackage(found, distDirectory, files)];
}

async function holdsPython(folder: string): Promise<boolean> {
  const files = ["setup.py", "pyproject.toml"].map((name) => path.join(folder, name));
  if (!files.some((file) => existsSync(file))) return false;
  const { isPythonPackage } = await import("../python/develop/pyproject.ts");
  return isPythonPackage(folder);
}

async function releasePython(folder: string, work: Work): Promise<Release> {
  const { releasePythonPackage } = await import("./python-release.ts");
  return releasePythonPackage(folder, work.distDirectory, work.python, work.files);
}

/** A directory can contain both a Node package and a Python package. */
async function releaseFolder(folder: string, work: Work): Promise<Release[]> {
  const isPython = await holdsPython(folder);
  const found = await releaseNode(folder, work, isPython);
  if (isPython) found.push(await releasePython(folder, work));
  if (found.length > 0) return found;
  throw new BuildoutError("no-package", `There is no package in the develop directory ${folder}.`, {
    hint: "If 'develop' has changed, run bin/buildout again.",
  });
}

/**
 * Releases develop packages as files that can be installed elsewhere, in parallel on all processors. In the
 * order of the directories.
 *
 * Throws `no-package`, `build-failed` with the output of the build, and errors from reading a package.
 */
export async function releasePackages(request: ReleaseRequest): Promise<Release[]> {
  const found: Release[][] = [];
  const { underWay } = request;
  const keyOf = (folder: string) => `${folder}\0${request.distDirectory}`;
  const files = new PackageFiles(request.folders.filter((each) => !underWay.has(keyOf(each))));
  const left = [...request.folders.entries()];
  const work = async () => {
    for (let next = left.shift(); next !== undefined; next = left.shift()) {
      const [at, folder] = next;
      const key = keyOf(folder);
      const releases = underWay.get(key) ?? releaseFolder(folder, { ...request, files });
      underWay.set(key, releases);
      try {
        found[at] = await releases;
      } catch (error) {
        left.length = 0; // pending releases finish; no more start
        throw error;
      } finally {
        underWay.delete(key);
      }
      for (const release of found[at]) request.onRelease(release);
    }
  };
  const workers = Array.from({ length: availableParallelism() }, work);
  for (const result of await Promise.allSettled(workers)) {
    if (result.status === "rejected") throw result.reason;
  }
  return found.flat();
}
