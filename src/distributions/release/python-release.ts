import { createHash } from "node:crypto";
import { mkdir, readdir, readFile, stat } from "node:fs/promises";
import path from "node:path";
import { BuildoutError } from "../../errors/error.ts";
import { isVersion } from "../../pythonic/version.ts";
import { writeFileAtomically } from "../../system/write-atomically.ts";
import type { Release } from "../distribution.ts";
import { readPyproject } from "../python/develop/pyproject.ts";
import { packArchive } from "./archive.ts";
import { byPath, type ContentFile, contentHash, readContent } from "./content-hash.ts";
import {
  asksVersionControl,
  buildWheel,
  inScratch,
  makeRepository,
  type PythonBuild,
  projectName,
  versionInPlace,
  writeTree,
} from "./python-build.ts";
import { type RewrittenWheel, rewriteWheel, wrapping } from "./python-wheel.ts";
import { allFiles, fingerprint, trackedFiles } from "./sources.ts";

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
async function findSources(folder: string, distDirectory: string) {
  const tracked = await trackedFiles(folder);
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

function isThere(file: string): Promise<boolean> {
  return stat(file).then(
    () => true,
    () => false,
  );
}

async function readState(file: string, folder: string): Promise<State> {
  const none: State = { folder, sources: "", hash: "", releases: {} };
  try {
    const state = JSON.parse(await readFile(file, "utf8")) as State;
    return state.folder === folder ? { ...none, ...state } : none;
  } catch {
    return none; // no state, or a damaged one: make the release from the files
  }
}

/** The files of a package that are in its own sdist or wheel; all if unknown. */
async function ownFiles(
  content: readonly ContentFile[],
  list: string,
  wheel: RewrittenWheel,
): Promise<ContentFile[]> {
  let sdist: string[];
  try {
    sdist = JSON.parse(await readFile(list, "utf8")) as string[];
  } catch {
    return [...content];
  }
  const own = new Set([...sdist, ...wheel.files, ...wheel.files.map((name) => `src/${name}`)]);
  return content.filter((file) => own.has(file.path));
}

/** SOURCES.txt of setuptools: names the files if there is no version control. */
async function listedSources(tree: string): Promise<ContentFile[]> {
  const names = (await allFiles(tree)).filter((name) => /\.egg-info\/SOURCES\.txt$/.test(name));
  return readContent(tree, names);
}

interface Made {
  hash: string;
  wheel: RewrittenWheel;
  /** Base name and bytes of a file for the directory of releases. */
  file: string;
  data: Buffer;
}

/** Builds a package from its content: a wheel if it is for all platforms, else an sdist. */
function makeRelease(
  build: PythonBuild,
  folder: string,
  content: readonly ContentFile[],
  tracked: boolean,
): Promise<Made> {
  const { executable } = build;
  return inScratch(async (scratch) => {
    readPyproject(folder); // its errors have a line
    const tree = path.join(scratch, "tree");
    const list = path.join(scratch, "sdist.json");
    const asks = asksVersionControl(content);
    const version = asks ? await versionInPlace(build, folder, scratch) : undefined;
    const name = projectName(content, folder);
    await writeTree(tree, content);
    if (!tracked) await writeTree(tree, wrapping(content, { list }));
    if (asks) await makeRepository(tree);
    const out = path.join(scratch, "wheel");
    const built = await buildWheel(build, tree, out, { name, source: folder, version });
    // Without version control, the wheel determines the package's files.
    const first = tracked ? undefined : await rewriteWheel(executable, built, "h0", scratch);
    const own = first === undefined ? content : await ownFiles(content, list, first);
    const hash = contentHash(own);
    const released = path.join(scratch, "released");
    const wheel = await rewriteWheel(executable, built, `h${hash}`, released);
    if (!isVersion(wheel.declared)) {
      throw new BuildoutError(
        "invalid-package",
        `The version of ${wheel.name}, '${wheel.declared}', is not valid according to PEP 440.`,
        { location: { file: folder }, hint: "Use a version such as 1.0 or 1.0.dev0." },
      );
    }
    if (wheel.pure) {
      const data = await readFile(path.join(released, wheel.file));
      return { hash, wheel, file: wheel.file, data };
    }
    const added = [
      ...wrapping(own, { local: `h${hash}` }),
      ...(asks ? await listedSources(tree) : []),
      { path: "PKG-INFO", executable: false, data: Buffer.from(wheel.metadata) },
    ];
    const files = new Map([...own, ...added].map((file) => [file.path, file]));
    const top = wheel.file.split("-").slice(0, 2).join("-");
    const data = await packArchive(top, [...files.values()].sort(byPath));
    return { hash, wheel, file: `${top}.tar.gz`, data };
  });
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
    return known && (await isThere(path.join(distDirectory, known.file))) ? known : undefined;
  };

  const started = Date.now();
  const state = await readState(stateFile, folder);
  const { names, tracked } = await findSources(folder, distDirectory);
  const before = await fingerprint(folder, names);
  const unchanged = state.sources === before.digest ? await find(state.hash) : undefined;
  if (unchanged !== undefined) return release(unchanged, false);

  const content = await readContent(folder, names);
  let hash = contentHash(content);
  let known = tracked ? await find(hash) : undefined;
  let built = false;
  if (known === undefined) {
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

  const after = await fingerprint(folder, (await findSources(folder, distDirectory)).names);
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
