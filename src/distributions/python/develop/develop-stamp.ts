/**
 * Remembers what setup.py or a build backend answered, until something in its folder changes. The
 * answers for the packages of a buildout are in one file of the user's cache: zc.buildout's
 * develop-eggs has nothing of the kind.
 */
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { dirname, join, relative, resolve, sep } from "node:path";
import { writeFileAtomically } from "../../../system/write-atomically.ts";

/** A package whose answer is remembered. */
interface Place {
  folder: string;
  developEggsDirectory: string;
  /** The file with the answers; undefined: nothing is remembered. */
  stamps: string | undefined;
}

interface Answer {
  metadata: string;
  location: string;
}

/** What a file remembers of a folder. What is in the develop-eggs folder is named from there. */
interface Stamp extends Answer {
  stamp: string;
  /** The egg-link that goes with it: without that, the answer is forgotten. */
  link: string;
}

type Stamps = Record<string, Stamp>;

const IGNORED =
  /^(\.(git|hg|svn|tox|nox|venv|mypy_cache|pytest_cache|ruff_cache)|__pycache__|node_modules|build|dist|.*\.egg-info)$/;

/** What a backend may take the version from. */
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

/** Where the answers for the packages of a develop-eggs folder are. */
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
    // There is none, or none that is whole: the packages are asked again.
    return {};
  }
}

function writeStamps(file: string, stamps: Stamps): void {
  try {
    mkdirSync(dirname(file), { recursive: true });
    if (Object.keys(stamps).length === 0) rmSync(file, { force: true });
    else writeFileAtomically(file, JSON.stringify(stamps));
  } catch {
    // A cache that cannot be written costs time: the next run asks again.
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

/** Forgets the packages whose egg-links are gone. */
export function removeStrayStamps(developEggsDirectory: string): void {
  const file = stampsFile(developEggsDirectory);
  const known = Object.entries(readStamps(file));
  const kept = known.filter(([, { link }]) => existsSync(resolve(developEggsDirectory, link)));
  if (file !== undefined && kept.length < known.length) {
    writeStamps(file, Object.fromEntries(kept));
  }
}
