import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { mkdir, readdir } from "node:fs/promises";
import path from "node:path";
import { writeFileAtomically } from "../../system/write-atomically.ts";
import type { Release } from "../distribution.ts";
import { contentHash, readContent } from "./content-hash.ts";
import type { PythonBuild } from "./python-build.ts";
import { allFiles, fingerprint, PackageFiles } from "./sources.ts";

/** A file younger than this may change again with the same timestamp. */
const CLOCK_TICK = 20;

/** The release of a content. */
interface Known {
  name: string;
  declared: string;
  version: string;
  /** Base name in the directory of releases. */
  file: string;
}

/** The releases from one directory. */
interface State {
  folder: string;
  /** Fingerprint of the files that the last release was made from, and its hash. */
  sources: string;
  hash: string;
  releases: Record<string, Known>;
}

/** Leftovers of builds, tests and virtual environments in a package's directory. */
const MADE = [
  /(^|\/)(__pycache__|[^/]+\.(egg|dist)-info|\.eggs|\.tox|\.nox|\.(mypy|pytest|ruff)_cache)\//,
  /\.py[co]$/,
  /\.(cpython|pypy|cp)-?\d[^/]*\.(so|pyd)$/,
  /^build\/(lib|bdist|temp)[^/]*\//,
  /^dist\/[^/]*\.(whl|egg|zip|tar\.gz)$/,
];

/** The files of a release; `tracked` if they come from version control. */
async function findSources(folder: string, distDirectory: string, files: PackageFiles) {
  const tracked = await files.tracked(folder);
  const names = tracked ?? (await allFiles(folder));
  const environments = names
    .filter((name) => path.posix.basename(name) === "pyvenv.cfg")
    .map((name) => name.slice(0, -"pyvenv.cfg".length));
  const releases = `${path.relative(folder, distDirectory).split(path.sep).join("/")}/`;
  const left = [releases, ...environments];
  const isSource = (name: string) =>
    !MADE.some((pattern) => pattern.test(name)) && !left.some((start) => name.startsWith(start));
  return { names: names.filter(isSource), tracked: tracked !== undefined };
}

function readState(file: string, folder: string): State {
  const none: State = { folder, sources: "", hash: "", releases: {} };
  try {
    const state = JSON.parse(readFileSync(file, "utf8")) as State;
    return state.folder === folder ? { ...none, ...state } : none;
  } catch {
    return none; // no state, or a damaged one: make the release from the files
  }
}

/**
 * Builds the Python package in `folder` as one file in `distDirectory`, where its version is the declared
 * one with the hash of the content as local version (`1.2+h0a1b2c3d4e5f`, PEP 440): a wheel, or an sdist if
 * the wheel would be for this platform only. The same content has the same version on any machine and, with
 * the same build tools, the same bytes. Nothing is built if that content was released before, and nothing
 * is read if no file has changed.
 *
 * Throws `build-failed` with the output of the build, `invalid-package`, `interpreter-missing`.
 */
export async function releasePythonPackage(
  folder: string,
  distDirectory: string,
  build: PythonBuild,
  files = new PackageFiles([]),
): Promise<Release> {
  const id = createHash("sha256").update(folder).digest("hex").slice(0, 12);
  const stateFile = path.join(distDirectory, `.python-${id}.json`);
  const release = ({ name, declared, version, file }: Known, built: boolean): Release => ({
    name,
    version,
    file: path.join(distDirectory, file),
    built,
    source: { kind: "python", name, version: declared, folder },
  });
  const find = async (hash: string) => {
    const known = state.releases[hash];
    return known && existsSync(path.join(distDirectory, known.file)) ? known : undefined;
  };

  const started = Date.now();
  const state = readState(stateFile, folder);
  const { names, tracked } = await findSources(folder, distDirectory, files);
  const before = await fingerprint(folder, names);
  const unchanged = state.sources === before.digest ? await find(state.hash) : undefined;
  if (unchanged !== undefined) return release(unchanged, false);

  files.forget();
  const content = await readContent(folder, names);
  let hash = contentHash(content);
  let known = tracked ? await find(hash) : undefined;
  let built = false;
  if (known === undefined) {
    const { makeRelease } = await import("./make-python-release.ts");
    const made = await makeRelease(build, folder, content, tracked);
    hash = made.hash;
    known = await find(hash);
    if (known === undefined) {
      await mkdir(distDirectory, { recursive: true });
      writeFileAtomically(path.join(distDirectory, made.file), made.data, 0o644);
      const { name, declared, version } = made.wheel;
      known = { name, declared, version, file: made.file };
      built = true;
    }
  }

  const after = await fingerprint(folder, (await findSources(folder, distDirectory, files)).names);
  const settled = after.digest === before.digest && before.youngest < started - CLOCK_TICK;
  const there = new Set(await readdir(distDirectory));
  const kept = Object.entries(state.releases).filter(([, { file }]) => there.has(file));
  const next: State = {
    folder,
    sources: settled ? before.digest : "",
    hash,
    releases: { ...Object.fromEntries(kept), [hash]: known },
  };
  writeFileAtomically(stateFile, JSON.stringify(next));
  return release(known, built);
}
