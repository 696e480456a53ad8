/** Remembers what setup.py or a build backend answered, until something in its folder changes. */
import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { writeFileAtomically } from "../../../system/write-atomically.ts";

interface Place {
  folder: string;
  developEggsDirectory: string;
}

interface Answer {
  metadata: string;
  location: string;
}

/** What a stamp file holds. */
interface Stamp extends Answer {
  stamp: string;
  /** The egg-link that goes with it: without that, the answer is forgotten. */
  link: string;
}

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

function fileOf({ folder, developEggsDirectory }: Place): string {
  const name = createHash("sha256").update(folder).digest("hex").slice(0, 12);
  return join(developEggsDirectory, `.${name}.stamp`);
}

function readFile(file: string): Stamp | undefined {
  try {
    return JSON.parse(readFileSync(file, "utf8")) as Stamp;
  } catch {
    return undefined;
  }
}

/** The former answer, if nothing has changed since. */
export function readStamp(place: Place, stamp: string): Answer | undefined {
  const known = readFile(fileOf(place));
  const valid = known?.stamp === stamp && existsSync(known.metadata) && existsSync(known.link);
  return valid ? known : undefined;
}

export function writeStamp(place: Place, stamp: Stamp): void {
  writeFileAtomically(fileOf(place), JSON.stringify(stamp));
}

/** Removes the stamps whose egg-links are gone. */
export function removeStrayStamps(developEggsDirectory: string): void {
  for (const name of readdirSync(developEggsDirectory)) {
    if (!/^\.[0-9a-f]{12}\.stamp$/.test(name)) continue;
    const file = join(developEggsDirectory, name);
    const known = readFile(file);
    if (known === undefined || !existsSync(known.link)) rmSync(file, { force: true });
  }
}
