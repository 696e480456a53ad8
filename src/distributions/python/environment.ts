import { readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { compareVersions } from "../../pythonic/version.ts";
import { InstalledFiles } from "./installed-files.ts";
import { type Interpreter, isCompatible } from "./interpreter.ts";
import { findMetadata, type Metadata } from "./metadata.ts";
import type { PythonDevelopPackage } from "./python-distribution.ts";
import { applies, normalizeName, type Requirement } from "./requirement.ts";
import { findShared } from "./site-packages.ts";

/** An installed distribution that the interpreter can use. */
export interface Candidate {
  name: string;
  key: string;
  version: string;
  location: string;
  metadata: string;
  developed: boolean;
  /** Whether it is one of the interpreter's own; see `site-packages.ts`. */
  shared: boolean;
  requiresPython: string | undefined;
  extras: readonly string[];
  /** The extras that it does not know. */
  missingExtras(extras: readonly string[]): string[];
  /** Its requirements on this interpreter, with these extras. */
  requires(extras: readonly string[]): Requirement[];
}

/** A requirement and its source; `undefined` is the requester of the working set. */
export interface Demand {
  requirement: Requirement;
  by: Candidate | undefined;
  /** True for undeclared requirements. */
  implied?: boolean;
}

/** The installed distributions, by normalized name. */
export interface Environment {
  /** Those under development come first, then the interpreter's own, then eggs, newest first. */
  candidates(key: string): readonly Candidate[];
  /** All except the interpreter's own. */
  keys(): string[];
  /** Those under development that are allowed by their pins. */
  developed(): Candidate[];
  /** Those of the interpreter that are allowed by their pins. */
  shared(): Candidate[];
  /** Those under development that are excluded by their pins. */
  overruled(): Candidate[];
}

export interface EnvironmentRequest {
  eggsDirectory: string;
  developEggsDirectory: string;
  developPackages: readonly PythonDevelopPackage[];
  interpreter: Interpreter;
  /** Whether the pins allow a version of a project. */
  allowsVersion(key: string, version: string): boolean;
  /** What the run has read so far. */
  files?: InstalledFiles;
}

const EGG = /^([^-]+)-([^-]+)(?:-py(\d[\d.]*))?(?:-(.+))?\.egg$/;

interface Egg {
  folder: string;
  /** The name without `.egg`. */
  base: string;
}

function entries(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw error;
  }
}

export function makeCandidate(
  metadata: Metadata,
  place: Pick<Candidate, "location" | "metadata"> & { kind: "developed" | "egg" | "shared" },
  { facts }: Interpreter,
): Candidate {
  const spellings = (extra: string) => [
    extra,
    normalizeName(extra),
    ...metadata.extras.filter((known) => normalizeName(known) === normalizeName(extra)),
  ];
  const known = new Set(metadata.extras.map(normalizeName));
  return {
    location: place.location,
    metadata: place.metadata,
    developed: place.kind === "developed",
    shared: place.kind === "shared",
    name: metadata.name,
    key: normalizeName(metadata.name),
    version: metadata.version,
    requiresPython: metadata.requiresPython,
    extras: metadata.extras,
    missingExtras: (extras) => extras.filter((extra) => !known.has(normalizeName(extra))).sort(),
    requires(extras) {
      const common = metadata.requires.filter((one) => applies(one, facts));
      const more = extras.flatMap((extra) =>
        metadata.requires.filter((one) => applies(one, facts, spellings(extra))),
      );
      return [...new Set([...common, ...more])];
    },
  };
}

/** The eggs in a directory that match the interpreter, by normalized name. */
function findEggs(folder: string, { version, platform }: Interpreter): Map<string, Egg[]> {
  const found = new Map<string, Egg[]>();
  for (const entry of entries(folder)) {
    const [, name = "", , python = version, system] = EGG.exec(entry) ?? [];
    if (name === "" || python !== version || !isCompatible(system, platform)) continue;
    const key = normalizeName(name);
    const egg = { folder: join(folder, entry), base: entry.slice(0, -".egg".length) };
    found.set(key, [...(found.get(key) ?? []), egg]);
  }
  return found;
}

function readEgg(
  { folder, base }: Egg,
  interpreter: Interpreter,
  files: InstalledFiles,
): Candidate | undefined {
  for (const name of [`${base}.dist-info`, "EGG-INFO"]) {
    const metadata = join(folder, name);
    const content = files.readMetadata(metadata);
    if (content)
      return makeCandidate(content, { location: folder, metadata, kind: "egg" }, interpreter);
  }
  const metadata = findMetadata(folder);
  const content = metadata && files.readMetadata(metadata);
  if (!metadata || !content) return undefined;
  return makeCandidate(content, { location: folder, metadata, kind: "egg" }, interpreter);
}

/** Packages linked in the develop-eggs directory by others: `NAME.egg-link`. */
function readLinks(folder: string, interpreter: Interpreter, files: InstalledFiles): Candidate[] {
  const all = entries(folder);
  const links = all.filter((entry) => entry.endsWith(".egg-link"));
  return links.flatMap((link) => {
    const name = link.slice(0, -".egg-link".length);
    const [path = ""] = readFileSync(join(folder, link), "utf8").split("\n");
    const location = resolve(folder, path.trim());
    const metadata = findMetadata(location, name) ?? findMetadata(folder, name);
    const content = metadata && files.readMetadata(metadata);
    if (!metadata || !content) return [];
    return [makeCandidate(content, { location, metadata, kind: "developed" }, interpreter)];
  });
}

/** Lists installed distributions. Metadata is read on demand. */
export function readEnvironment(request: EnvironmentRequest): Environment {
  const { eggsDirectory, developEggsDirectory, developPackages, interpreter } = request;
  const { files = new InstalledFiles() } = request;
  const developed = new Map<string, Candidate[]>();
  const overruled = new Map<string, Candidate>();
  const note = (candidate: Candidate) => {
    const { key, version } = candidate;
    if (developed.has(key) || overruled.has(key)) return;
    if (request.allowsVersion(key, version)) developed.set(key, [candidate]);
    else overruled.set(key, candidate);
  };
  for (const { location, metadata } of developPackages) {
    const content = files.readMetadata(metadata);
    if (content)
      note(makeCandidate(content, { location, metadata, kind: "developed" }, interpreter));
  }
  for (const candidate of readLinks(developEggsDirectory, interpreter, files)) note(candidate);
  // A recipe may have built an egg with its own options.
  const built = findEggs(developEggsDirectory, interpreter);
  const eggs = findEggs(eggsDirectory, interpreter);
  const own = findShared(interpreter.searchPath, (location) => files.distributionsIn(location));
  const newestFirst = (all: Candidate[]) =>
    all.sort((a, b) => compareVersions(b.version, a.version));
  const readShared = (key: string) =>
    newestFirst(
      (own.get(key) ?? []).flatMap(({ location, metadata }) => {
        const content = files.readMetadata(metadata);
        if (!content || !request.allowsVersion(key, content.version)) return [];
        return [makeCandidate(content, { location, metadata, kind: "shared" }, interpreter)];
      }),
    );
  const read = new Map<string, readonly Candidate[]>();
  return {
    candidates(key) {
      const known = read.get(key);
      if (known !== undefined) return known;
      const found = newestFirst(
        [...(built.get(key) ?? []), ...(eggs.get(key) ?? [])]
          .map((egg) => readEgg(egg, interpreter, files))
          .filter((candidate) => candidate !== undefined),
      );
      const all = [...(developed.get(key) ?? []), ...readShared(key), ...found];
      read.set(key, all);
      return all;
    },
    developed: () => [...developed.values()].flat(),
    shared: () => [...own.keys()].flatMap((key) => readShared(key).slice(0, 1)),
    overruled: () => [...overruled.values()],
    keys: () => [...new Set([...developed.keys(), ...built.keys(), ...eggs.keys()])],
  };
}
