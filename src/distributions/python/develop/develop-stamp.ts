/**
 * Caches the answers of setup.py or a build backend until something in its directory changes. The answers
 * for the packages of a buildout are in one file in the user's cache, since zc.buildout's develop-eggs
 * directory has no place for them.
 */
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { dirname, join, relative, resolve, sep } from "node:path";
import { writeFileAtomically } from "../../../system/write-atomically.ts";

/** A package whose answer is cached. */
interface Place {
  folder: string;
  developEggsDirectory: string;
  /** The file with the answers; undefined: no cache. */
  stamps: string | undefined;
}

interface Answer {
  metadata: string;
  location: string;
}

/** The cached data of a directory. Paths in the develop-eggs directory are relative to it. */
interface Stamp extends Answer {
  stamp: string;
  /** Its egg-link: without it, the answer is dropped. */
  link: string;
}

type Stamps = Record<string, Stamp>;

const IGNORED =
  /^(\.(git|hg|svn|tox|nox|venv|mypy_cache|pytest_cache|ruff_cache)|__pycache__|node_modules|build|dist|.*\.egg-info)$/;

/** Files from which a backend may derive the version. */
const VERSION_CONTROL = [".git/HEAD", ".git/index", ".git/packed-refs", ".hg/dirstate"];

function* files(folder: string, prefix = ""): Generator<string> {
  for (const entry of readdirSync(join(folder, prefix), { withFileTypes: true })) {
    if (IGNORED.test(entry.name) || /\.(py[co]|so)$/.test(entry.name)) continue;
    const path = join(prefix, entry.name);
    if (entry.isDirectory()) yield* files(folder, path);
    else yield path;
  }
}

/** Changes with the names, sizes and times of the files in a folder, and with the interpreter. */
export function stampOf(folder: string, executable: string): string {
  const hash = createHash("sha256");
  const note = (name: string, file: string) => {
    const stat = statSync(file, { throwIfNoEntry: false });
    if (stat) hash.update(`${name}\0${stat.size}\0${stat.mtimeMs}\n`);
  };
  note(executable, executable);
  for (const path of [...files(folder)].sort()) note(path, join(folder, path));
  for (const path of VERSION_CONTROL) note(path, join(folder, path));
  return hash.digest("hex");
}

/** The file of answers for the packages of a develop-eggs directory. */
export function stampsFile(developEggsDirectory: string): string | undefined {
  const caches =
    process.env.XDG_CACHE_HOME || (process.env.HOME && join(process.env.HOME, ".cache"));
  if (!caches) return undefined;
  const name = createHash("sha256").update(developEggsDirectory).digest("hex").slice(0, 24);
  return join(caches, "hostout", "develop", `${name}.json`);
}

function readStamps(file: string | undefined): Stamps {
  if (file === undefined) return {};
  try {
    return JSON.parse(readFileSync(file, "utf8")) as Stamps;
  } catch {
    // Missing or damaged: ask the packages again.
    return {};
  }
}

function writeStamps(file: string, stamps: Stamps): void {
  try {
    mkdirSync(dirname(file), { recursive: true });
    if (Object.keys(stamps).length === 0) rmSync(file, { force: true });
    else writeFileAtomically(file, JSON.stringify(stamps));
  } catch {
    // An unwritable cache only costs time: the next run asks again.
  }
}

/** The former answer, if nothing has changed since. */
export function readStamp(place: Place, stamp: string): Answer | undefined {
  const known = readStamps(place.stamps)[place.folder];
  if (known === undefined || known.stamp !== stamp) return undefined;
  const at = (path: string) => resolve(place.developEggsDirectory, path);
  const metadata = at(known.metadata);
  if (!existsSync(at(known.link)) || !existsSync(metadata)) return undefined;
  return { metadata, location: known.location };
}

export function writeStamp(place: Place, stamp: Stamp): void {
  const { stamps, folder, developEggsDirectory } = place;
  if (stamps === undefined) return;
  const within = (path: string) =>
    path.startsWith(developEggsDirectory + sep) ? relative(developEggsDirectory, path) : path;
  const noted = { ...stamp, metadata: within(stamp.metadata), link: within(stamp.link) };
  writeStamps(stamps, { ...readStamps(stamps), [folder]: noted });
}

/** Drops packages whose egg-links are gone. */
export function removeStrayStamps(developEggsDirectory: string): void {
  const file = stampsFile(developEggsDirectory);
  const known = Object.entries(readStamps(file));
  const kept = known.filter(([, { link }]) => existsSync(resolve(developEggsDirectory, link)));
  if (file !== undefined && kept.length < known.length) {
    writeStamps(file, Object.fromEntries(kept));
  }
}
