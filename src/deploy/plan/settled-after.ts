/** Whether the files of a new release are something that a build depends on: decision 029. */
import type { HostFacts, Settled } from "../host/probe.ts";
import type { BundleFile } from "../release/fileset.ts";
import { configurationIn } from "../release/release.ts";
import type { Way } from "./steps.ts";

type SettledFacts = Pick<HostFacts, "settled" | "current" | "checkout" | "unfinished">;

/** Release `id`, and how it differs from the one that it replaces in the buildout directory. */
interface Change {
  release: {
    id: string;
    files: readonly Pick<BundleFile, "path" | "hash" | "kind">[];
    configuration: string;
  };
  way: Way | undefined;
  /** The entries of the release that it replaces, by path. */
  before: ReadonlyMap<string, string>;
  missing: readonly { path: string }[];
  removed: readonly string[];
  /** What others have changed since it was put there: the last build may have seen that or not. */
  drift: readonly { path: string }[];
}

/** What needs no build after this change; undefined: a build may have something to do. */
export function settledAfter(
  { settled, current, checkout, unfinished }: SettledFacts,
  { release, way, before, missing, removed, drift }: Change,
): Settled | undefined {
  if (way === undefined && drift.length === 0) return settled;
  if (settled?.paths === undefined) return undefined;
  const { paths } = settled;
  const foreign = drift.map(({ path }) => path);
  if (way === undefined)
    return areRead(foreign, [...paths, release.configuration]) ? undefined : settled;
  const isNext =
    !way.aside &&
    !way.again &&
    !unfinished &&
    way.base === current?.number &&
    way.base === checkout?.number &&
    current?.id === settled.id;
  // Only the names of the two configurations may differ.
  const former = configurationIn(before.keys(), settled.id);
  const text = release.files.find(({ path }) => path === release.configuration)?.hash;
  if (!isNext || former === undefined || !before.get(former)?.includes(` ${text} `))
    return undefined;
  const own = new Set([former, release.configuration]);
  // A build may read a file that has changed through a link that has not.
  const links = release.files.filter(({ kind }) => kind === "link");
  const changed = [...missing, ...links]
    .map(({ path }) => path)
    .concat(removed, foreign)
    .filter((path) => !own.has(path));
  return areRead(changed, paths) ? undefined : { id: release.id, paths };
}

/** Whether one of `changed` is one of `paths`, above one or below one. */
function areRead(changed: readonly string[], paths: readonly string[]): boolean {
  const at = new Set(paths);
  const above = new Set(paths.flatMap(withParents));
  return changed.some((path) => above.has(path) || withParents(path).some((one) => at.has(one)));
}

/** `a/b/c`: `.`, `a`, `a/b`, `a/b/c`. */
function withParents(path: string): string[] {
  const parts = path.split("/");
  return [".", ...parts.map((_, index) => parts.slice(0, index + 1).join("/"))];
}
