/**
 * Pinned local wheels, in directories of find-links or in the download cache. They declare their own
 * requirements, so if everything is pinned, no installer is needed.
 */
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { compareVersions, meets } from "../../../pythonic/version.ts";
import { readWheelMetadata } from "../egg-archive.ts";
import { type Candidate, type Environment, makeCandidate } from "../environment.ts";
import { eggsIn } from "../installers/eggs.ts";
import type { Interpreter } from "../interpreter.ts";
import { parseMetadata } from "../metadata.ts";
import { allows, applies, normalizeName, parseRequirement, pinSpecifiers } from "../requirement.ts";
import { distributionCache, type Search } from "../search.ts";
import { isWheelFor } from "../wheel-tags.ts";
import { findInstalled, type WorkingSet } from "../working-set.ts";
import { needsOf } from "./order-of-need.ts";
import type { Situation } from "./request.ts";

const WHEEL = /^([^-]+)-([^-]+)(?:-\d[^-]*)?-([^-]+-[^-]+-[^-]+)\.whl$/;

interface Archive {
  file: string;
  version: string;
  tags: string;
}

/** Settings of pip that affect its choice: then pip must choose. */
const TOLD = /no.binary|require.hashes/i;

/** The settings files of pip for an interpreter, as listed in its documentation. */
function settingsFiles({ executable }: Interpreter): string[] {
  const config = process.env.XDG_CONFIG_HOME || join(homedir(), ".config");
  return [
    process.env.PIP_CONFIG_FILE ?? "",
    "/etc/pip.conf",
    "/etc/xdg/pip/pip.conf",
    join(homedir(), ".pip/pip.conf"),
    join(config, "pip/pip.conf"),
    join(homedir(), "Library/Application Support/pip/pip.conf"),
    join(dirname(dirname(executable)), "pip.conf"),
  ].filter((file) => existsSync(file));
}

function isPipTold(interpreter: Interpreter): boolean {
  const { env } = process;
  if (Object.keys(env).some((name) => name.startsWith("PIP_") && TOLD.test(name))) return true;
  return settingsFiles(interpreter).some((file) => TOLD.test(readFileSync(file, "utf8")));
}

/** The wheels in the folders, by normalized name. */
function archivesIn(folders: readonly string[]): Map<string, Archive[]> {
  const found = new Map<string, Archive[]>();
  for (const folder of folders) {
    if (statSync(folder, { throwIfNoEntry: false })?.isDirectory() !== true) continue;
    for (const entry of readdirSync(folder)) {
      const [, name, version = "", tags = ""] = WHEEL.exec(entry) ?? [];
      if (name === undefined) continue;
      const key = normalizeName(name);
      const archive = { file: join(folder, entry), version: version.replaceAll("_", "-"), tags };
      if (!found.has(key)) found.set(key, []);
      found.get(key)!.push(archive);
    }
  }
  return found;
}

/** Looks for the wheel of each pinned project. */
class Finder {
  readonly files = new Map<Candidate, string>();
  private readonly situation: Situation;
  private readonly archives: ReadonlyMap<string, readonly Archive[]>;

  constructor(situation: Situation, folders: readonly string[]) {
    this.situation = situation;
    this.archives = archivesIn(folders);
  }

  /** The one wheel that meets the exact pin of a project; none if in doubt. */
  wheel(key: string): Candidate | undefined {
    const { pins, interpreter } = this.situation;
    const specifiers = pinSpecifiers(pins.get(key) ?? "") ?? [];
    if (!pins.isExact(key) || specifiers[0]!.endsWith(".*")) return undefined;
    const pinned = (this.archives.get(key) ?? []).filter(({ version }) =>
      allows({ specifiers }, version),
    );
    const possible = pinned.filter(({ tags }) => isWheelFor(tags, interpreter) !== false);
    const [only] = possible;
    if (only === undefined || possible.length > 1) return undefined;
    return isWheelFor(only.tags, interpreter) ? this.candidate(key, only.file) : undefined;
  }

  private candidate(key: string, file: string): Candidate | undefined {
    const text = readWheelMetadata(file);
    if (text === undefined) return undefined;
    const metadata = parseMetadata(text);
    const { interpreter } = this.situation;
    const version = interpreter.facts().versionInfo.slice(0, 3).join(".");
    const needed = metadata.requiresPython?.split(",") ?? [];
    if (normalizeName(metadata.name) !== key) return undefined;
    if (!needed.every((one) => meets(version, one.trim()) === true)) return undefined;
    const place = { location: file, metadata: file, kind: "egg" } as const;
    const made = makeCandidate(metadata, place, interpreter);
    this.files.set(made, file);
    return made;
  }
}

/** Where to take wheels from: only the download cache if there is one, since it must be complete. */
function foldersOf({ request }: Situation, { findLinks }: Search): string[] {
  const cache = distributionCache(request.downloadCache);
  if (cache !== undefined) return [cache];
  return findLinks.filter((url) => url.startsWith("file:")).map((url) => fileURLToPath(url));
}

/** The working set, including wheels, and their files. */
export interface WheelsHere {
  set: WorkingSet;
  files: ReadonlyMap<Candidate, string>;
}

/**
 * A working set of installed distributions and of local wheels, each of exactly the pinned version.
 * Undefined if anything is missing or in doubt: then an installer is needed.
 */
export function wheelsHere(
  situation: Situation,
  environment: Environment,
  search: Search,
): WheelsHere | undefined {
  const { request, interpreter, pins, provided } = situation;
  const folders = foldersOf(situation, search);
  if (folders.length === 0 || pins.hasUnreadable || isPipTold(interpreter)) return undefined;
  if (eggsIn(search.findLinks, interpreter).length > 0) return undefined;
  const finder = new Finder(situation, folders);
  const known = new Map<string, readonly Candidate[]>();
  const candidates = (key: string) => {
    const before = known.get(key);
    if (before !== undefined) return before;
    const there = environment.candidates(key);
    const isThere = there.some(({ version }) => pins.allowsVersion(key, version));
    const wheel = isThere ? undefined : finder.wheel(key);
    const all = wheel === undefined ? there : [...there, wheel];
    known.set(key, all);
    return all;
  };
  const { requirements, preferFinal, asker } = request;
  const set = findInstalled({
    ...{ requirements, pins, provided, preferFinal, asker, facts: interpreter.facts },
    environment: { ...environment, candidates },
  });
  const isWhole =
    set.missing.length + set.conflicts.length + set.unknownExtras.length === 0 &&
    !(request.newest && set.open.length > 0) &&
    set.demands.every(({ requirement }) => requirement.url === undefined);
  return isWhole ? { set, files: finder.files } : undefined;
}

/**
 * The local wheels that an installer will probably take: the newest ones of what is required, in turn. An
 * index may have newer ones, and the requirements of others may exclude them.
 */
export function* likelyWheels(
  situation: Situation,
  isThere: (key: string) => boolean,
  search: Search,
): Generator<string> {
  const { request, interpreter, pins } = situation;
  const archives = archivesIn(foldersOf(situation, search));
  const seen = new Set<string>();
  const open = request.requirements
    .map(parseRequirement)
    .filter((one) => applies(one, interpreter.facts));
  for (const requirement of open) {
    const { key, extras } = requirement;
    const fitting = (archives.get(key) ?? []).filter(
      ({ version, tags }) =>
        allows(requirement, version) &&
        pins.allowsVersion(key, version) &&
        isWheelFor(tags, interpreter) === true,
    );
    const [newest] = fitting.sort((a, b) => compareVersions(b.version, a.version));
    if (newest === undefined || seen.has(key) || isThere(key)) continue;
    seen.add(key);
    yield newest.file;
    const { requires = [] } = parseMetadata(readWheelMetadata(newest.file) ?? "");
    open.push(...needsOf(requires, interpreter.facts)(extras));
  }
}
