import { isAbsolute, join } from "node:path";
import { BuildoutError, didYouMean, type Log, type Section, words } from "../../src/index.ts";
import { isKnownKind, KINDS } from "./kind-names.ts";
import { redact } from "./redact.ts";
import type { Rewrite, SourceKeys } from "./rewrite.ts";

/** Where a package comes from, and where its working copy is. */
export interface Source {
  name: string;
  /** `git`, `hg`, `svn`, `fs`, ... */
  kind: string;
  /** May contain credentials: only show it through `redact`. */
  url: string;
  /** Absolute path of the working copy. */
  path: string;
  /** False: it is checked out and updated, but not developed. */
  egg: boolean;
  /** The other keys: `branch`, `rev`, `update`, ... */
  keys: ReadonlyMap<string, string>;
}

export interface SourceContext {
  /** The buildout directory. */
  directory: string;
  sourcesDirectory: string;
  /** `[buildout] git-clone-depth`; empty: the whole history. */
  cloneDepth: string;
  rewrites: readonly Rewrite[];
  log: Log;
}

const KEYS = new Set([
  ...["path", "full-path", "egg", "update", "branch", "rev", "revision", "pushurl", "submodules"],
  ...["depth", "newest_tag", "newest_tag_prefix", "newest_tag_mask"],
  ...["cvs_root", "tag", "tag_file"],
]);

/** Splits a definition into kind, URL and keys; a single third word is the base path. */
function split(words: string[], fail: (message: string) => Error): [string[], string[]] {
  // A URL may have an equals sign, too.
  const isKey = (word: string) => /^[a-zA-Z0-9_-]+=/.test(word);
  const others = words.filter((word) => !isKey(word));
  if (others.length < 2) throw fail("needs at least the repository kind and URL.");
  const base = others[2]?.includes("=") === false ? 3 : 2;
  const keys = [...others.slice(base), ...words.filter(isKey)];
  for (const word of keys) {
    if (!word.includes("=")) throw fail(`has the word '${word}', which is not KEY=VALUE.`);
    if (word.startsWith("=")) throw fail(`has the word '${word}' with no name before the '='.`);
  }
  return [others.slice(0, base), keys];
}

function checkNumber(value: string, fail: (message: string) => Error): void {
  if (!/^\s*[+-]?\d+\s*$/.test(value)) throw fail("has a depth that is not a number.");
}

function flag(value: string | undefined): boolean {
  return !["false", "no", "off"].includes(value?.toLowerCase() ?? "");
}

/** The keys of `name = kind url [key=value ...]`. Throws `invalid-source`. */
function readKeys(
  text: string,
  { log }: SourceContext,
  fail: (message: string) => Error,
): SourceKeys {
  const [[kind = "", url = "", base], assignments] = split(words(text), fail);
  const keys: SourceKeys = new Map([
    ["kind", kind],
    ["url", url],
  ]);
  if (base !== undefined) {
    log.warning(`You should use 'path=${base}' to set the path.`);
    keys.set("path", base);
  }
  for (const assignment of assignments) {
    const [, key = "", value = ""] = /^(.*?)=(.*)$/s.exec(assignment) ?? [];
    if (keys.has(key) || key === "name") throw fail(`sets '${key}' twice.`);
    keys.set(key, value);
  }
  return keys;
}

function readSource(name: string, section: Section, context: SourceContext): Source {
  const { directory, sourcesDirectory, cloneDepth, rewrites, log } = context;
  const location = section.location(name);
  const fail = (message: string, hint?: string) =>
    new BuildoutError("invalid-source", message, {
      ...(location && { location }),
      ...(hint && { hint }),
    });
  const defective = (message: string) =>
    fail(`The source definition of '${name}' ${message}`, "Write NAME = KIND URL [KEY=VALUE ...].");
  const keys = readKeys(section.require(name), context, defective);
  for (const key of keys.keys()) {
    if (key === "kind" || key === "url" || KEYS.has(key)) continue;
    const meant = didYouMean(key, KEYS);
    log.warning(`Source '${name}' has an unknown key '${key}'.${meant ? ` ${meant}` : ""}`);
  }
  const unknown = (kind: string) =>
    fail(`Unknown repository type '${kind}' for source '${name}'.`, didYouMean(kind, KINDS));
  if (!isKnownKind(keys.get("kind")!)) throw unknown(keys.get("kind")!);

  // `..` is kept, as in Python, and shown.
  const absolute = (path: string) => (isAbsolute(path) ? path : `${directory}/${path}`);
  const base = keys.get("path");
  const full = keys.get("full-path");
  const path =
    base === undefined
      ? absolute(full ?? join(sourcesDirectory, name))
      : absolute(join(base, name));
  keys.delete("path");
  keys.delete("full-path");
  if (!keys.has("depth") && cloneDepth !== "") keys.set("depth", cloneDepth);
  if (keys.has("depth")) checkNumber(keys.get("depth")!, defective);
  for (const rewrite of rewrites) {
    for (const [option, before, after] of rewrite(keys)) {
      log.debug(`Rewrote option '${option}' from '${redact(before)}' to '${redact(after)}'.`);
    }
  }
  const kind = keys.get("kind")!;
  if (!isKnownKind(kind)) throw unknown(kind);
  return { name, kind, url: keys.get("url")!, path, egg: flag(keys.get("egg")), keys };
}

/** The packages of a `[sources]` section, in its order. Throws `invalid-source`. */
export function readSources(section: Section, context: SourceContext): Map<string, Source> {
  const names = section.keys().filter((name) => name !== "<");
  return new Map(names.map((name) => [name, readSource(name, section, context)]));
}
