/** cleanup: removes old releases, and files in the cache that no kept release refers to. */
import { readOwnWords } from "../../arguments/own-words.ts";
import { BuildoutError } from "../../errors/error.ts";
import { compareVersions, isVersion } from "../../pythonic/version.ts";
import { bytesText } from "../../system/bytes.ts";
import { removable } from "../host/history.ts";
import { cleanupFactsScript, cleanupScript } from "../host/release-state.ts";
import { normalized } from "../plan/recorded-parts.ts";
import type { CommandContext, CommandDefinition } from "../run/chain.ts";
import { warnOfStaying } from "./ending.ts";
import { failed } from "./failed.ts";
import { hostReleases, repairState } from "./upload.ts";
import { useCache } from "./use-cache.ts";

export const cleanupCommand: CommandDefinition = {
  name: "cleanup",
  releases: true,
  locks: true,
  description: "Remove old releases, and cached packages that no remaining release uses",
  arguments: "none",
  own: [
    {
      name: "keep",
      long: "keep",
      value: {
        ...{ placeholder: "NUMBER", called: "number" },
        form: { pattern: /^[1-9]\d{0,5}$/, needs: "a number from 1" },
      },
      help: "Number of good releases to keep; default: keep-releases",
    },
    { name: "plan", long: "plan", help: "Show what would be removed, but change nothing" },
  ],
  help: "The current release and later ones always stay.",
  example: "cleanup --keep 3 --plan",
  source: "collective.hostout",
  async run(context, args) {
    const { given } = readOwnWords(cleanupCommand, args.map(String));
    const plan = given.has("plan");
    const keep = given.get("keep");
    // A plan needs no lock.
    if (!plan) {
      await context.session.lock();
      await repairState(context);
      await useCache(context);
    }
    return cleanUp(context, keep === undefined ? context.options.keepReleases : Number(keep), plan);
  },
};

interface Removed {
  releases: number[];
  packages: string[];
}

async function cleanUp(context: CommandContext, keep: number, plan: boolean): Promise<Removed> {
  const { session, options } = context;
  const { current } = await session.facts();
  const { history, kept } = await hostReleases(context);
  // Without a current release, it is unknown which one is good.
  const going = current ? removable(history, [...kept.keys()], current.number, keep) : [];
  const { unnamed, left } = await lookAtCache(context, going);
  const names = unnamed.map(({ name }) => name);
  const did = plan ? "Would remove" : "Removed";
  if (!plan && (going.length + names.length > 0 || left)) await remove(context, going, names);
  for (const number of going) session.note(`${did} release ${number} (${kept.get(number)})`);
  for (const { name, bytes } of unnamed)
    session.note(`${did} ${shown(name)} (${bytesText(bytes)})`);
  if (going.length + names.length === 0) session.note(`Nothing to remove on ${options.name}`);
  return { releases: going, packages: names.map(shown) };
}

const shown = (name: string) => name.replace(/^.*\//, "");

interface Cache {
  /** Files that no kept release refers to, by path in the cache. */
  unnamed: { name: string; bytes: number }[];
  /** Interrupted programs have left files behind. */
  left: boolean;
}

async function lookAtCache(context: CommandContext, going: readonly number[]): Promise<Cache> {
  const { session, options, project } = context;
  const facts = await session.facts();
  const shared = options.buildoutCache !== undefined;
  const others = [...project.hosts.values()].flatMap(({ buildoutCache, path }) =>
    buildoutCache === options.buildoutCache && path.startsWith("/") ? [path] : [],
  );
  const script = cleanupFactsScript(facts, { shared, going, others });
  const connection = await session.buildoutConnection();
  const result = await connection.sh(script, { signal: session.signal });
  if (result.code !== 0) throw failed("Looking at the cache", result);
  const lines = result.stdout.split("\n");
  const valuesOf = (key: string) =>
    lines.filter((line) => line.startsWith(`${key}=`)).map((line) => line.slice(key.length + 1));
  const left = valuesOf("left").length > 0;
  const unknown = valuesOf("unknown");
  if (unknown.length > 0) {
    const text = `Packages in ${facts.cache} are kept: the releases of ${unknown.join(", ")} cannot be read.`;
    session.emit({ type: "warning", text: text.replace(/\p{Cc}/gu, " ") });
    return { unnamed: [], left };
  }
  const directories = pinsOf(lines);
  const eggs = unnamedEggs(lines, directories);
  return { unnamed: [...unnamedFiles(valuesOf("file"), directories), ...eggs], left };
}

/** Versions by normalized package name; `whole`: all that a kept release pins. */
interface Pins {
  whole: boolean;
  versions: Map<string, string[]>;
}

/** Pins, by directory. */
function pinsOf(lines: readonly string[]): Pins[][] {
  const directories: Pins[][] = [];
  for (const line of lines) {
    const [, word, rest = ""] = /^(directory|release|place|pin)=(.*)$/.exec(line) ?? [];
    const last = directories.at(-1);
    if (word === "directory") directories.push([]);
    else if (word === "pin") {
      const [name = "", version = ""] = rest.split(" ");
      const versions = last?.at(-1)?.versions;
      versions?.set(normalized(name), [...(versions.get(normalized(name)) ?? []), version]);
    } else if (word !== undefined) {
      last?.push({ whole: word === "release", versions: new Map() });
    }
  }
  return directories;
}

/** Archives of released develop packages. Only packages released by this tool have a hash in their version. */
function unnamedFiles(files: readonly string[], directories: Pins[][]): Cache["unnamed"] {
  const pinned = directories.flat().flatMap(({ versions }) => [...versions.values()].flat());
  const hashes = new Set(pinned.flatMap((text) => /\+h[0-9a-f]{12}/.exec(text)?.[0] ?? []));
  return files.flatMap((line) => {
    const [, bytes, name, hash] =
      /^(\d+) ([^/\p{Cc}]+-[^-]*(\+h[0-9a-f]{12})[.-]\S+)$/u.exec(line) ?? [];
    if (name === undefined || hashes.has(hash!)) return [];
    return [{ name: `downloads/dist/${name}`, bytes: Number(bytes) }];
  });
}

/**
 * Eggs that nothing in use refers to, of packages that every kept release pins to other versions. If a
 * directory pins the package in only some of its releases, the versions picked by the others are unknown,
 * so the eggs are kept, like those of packages that no release pins.
 */
function unnamedEggs(lines: readonly string[], directories: Pins[][]): Cache["unnamed"] {
  const used = new Set(lines.flatMap((line) => /^used=(.+)$/.exec(line)?.[1] ?? []));
  return lines.flatMap((line) => {
    const [, size, path, egg = "", name = "", version = ""] =
      /^egg=(\d+) ((?:[\w.+-]+\/)?(([^-/\p{Cc}]+)-([^-/\p{Cc}]+)[^/\p{Cc}]*\.egg))$/u.exec(line) ??
      [];
    if (path === undefined || used.has(egg)) return [];
    const has = ({ versions }: Pins) => versions.has(normalized(name));
    const concerned = directories.filter((releases) => releases.some(has)).flat();
    const isUnused = concerned.every(({ whole, versions }) => {
      const pinned = versions.get(normalized(name));
      return pinned === undefined ? !whole : pinned.every((one) => isOther(one, version));
    });
    if (concerned.length === 0 || !isUnused) return [];
    return [{ name: `eggs/${path}`, bytes: Number(size) * 1024 }];
  });
}

/** Names of eggs have `_` for `-`. */
function isOther(version: string, ofEgg: string): boolean {
  const plain = ofEgg.replaceAll("_", "-");
  return isVersion(version) && isVersion(plain) && compareVersions(version, plain) !== 0;
}

async function remove(
  context: CommandContext,
  numbers: readonly number[],
  names: readonly string[],
): Promise<void> {
  const { session } = context;
  const facts = await session.facts();
  const { who } = session.purpose;
  const line = JSON.stringify({ event: "cleanup", start: null, who, removed: numbers });
  const script = cleanupScript(facts, numbers.length > 0 ? line : "", numbers, names);
  const connection = await session.buildoutConnection();
  const result = await connection.sh(script, { signal: session.signal });
  session.forget();
  if (result.code !== 0) throw failed("Cleaning up", result);
  warnOfStaying(context, facts.path, result.stdout);
  const [, busy] = /^busy (.+)$/m.exec(result.stdout) ?? [];
  if (busy === undefined) return;
  throw new BuildoutError(
    "host-locked",
    `Packages in ${facts.cache} are kept: ${busy} is being deployed.`,
    { hint: "Run 'cleanup' again afterwards.", exitStatus: 75 },
  );
}
