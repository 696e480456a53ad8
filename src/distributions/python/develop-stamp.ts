/** Remembers what setup.py or a build backend answered, until something in its folder changes. */
import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { writeFileAtomically } from "../../system/write-atomically.ts";

interface Place {
  folder: string;
  developEggsDirectory: string;
}

interface Answer {
  metadata: string;
  location: string;
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

/** The file of a package, if there is one. */
export function stampFiles(place: Place): string[] {
  return [fileOf(place)].filter((file) => existsSync(file));
}

/** The former answer, if nothing has changed since. */
export function readStamp(place: Place, stamp: string): Answer | undefined {
  try {
    const known = JSON.parse(readFileSync(fileOf(place), "utf8")) as Answer & { stamp: string };
    return known.stamp === stamp && existsSync(known.metadata) ? known : undefined;
  } catch {
    return undefined;
  }
}

export function writeStamp(place: Place, stamp: string, answer: Answer): void {
  writeFileAtomically(fileOf(place), JSON.stringify({ stamp, ...answer }));
}
