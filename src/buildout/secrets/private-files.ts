import { lstatSync, readdirSync, readFileSync, type Stats } from "node:fs";
import { join } from "node:path";
import { fromDirectory } from "../../contract/paths.ts";
import type { EngineEvent } from "../../events/engine.ts";
import type { Reporter } from "../../events/reporter.ts";
import type { Secrets } from "./secrets.ts";

const OTHERS = 0o007;
const GROUP_AND_OTHERS = 0o077;
/** Bytes. A configuration file is far below. */
const LARGEST = 1 << 20;
/** Files that are looked into: a part that unpacks an archive may own thousands. */
const MOST = 2000;

/**
 * The umask for a part that holds a secret: what it makes is for its owner alone. Where others are
 * kept out anyway, as on a host, its group may read it: the user that it runs as may be another.
 */
function privateUmask(umask: number): number {
  return (umask & OTHERS) === OTHERS ? umask : umask | GROUP_AND_OTHERS;
}

interface Around {
  secrets: Secrets;
  /** The directory that paths count from. */
  directory: string;
  report: Reporter<EngineEvent>;
}

/**
 * Calls a recipe whose part holds a secret: nobody else may read what it makes. Warns of files
 * that the recipe has opened to all.
 */
export async function callPrivately<Paths extends readonly string[] | undefined>(
  call: () => Promise<Paths>,
  { secrets, directory, report }: Around,
): Promise<Paths> {
  const before = process.umask();
  process.umask(privateUmask(before));
  try {
    const made = await call();
    const paths = (made ?? []).map((path) => fromDirectory(directory, path));
    for (const path of readableByAll(paths, secrets)) {
      const message = `${path} holds a secret, and anybody may read it.`;
      report({ type: "warning", code: "secret-readable", message });
    }
    return made;
  } finally {
    process.umask(before);
  }
}

/** The files below `paths`, absolute, that hold a secret and that anybody may read. */
function readableByAll(paths: readonly string[], secrets: Secrets): string[] {
  const found: string[] = [];
  const waiting = [...paths];
  let looked = 0;
  for (let path = waiting.pop(); path !== undefined && looked < MOST; path = waiting.pop()) {
    const stats = lstatSync(path, { throwIfNoEntry: false });
    if (stats?.isDirectory() && (stats.mode & 0o001) !== 0) {
      for (const name of readdirSync(path)) waiting.push(join(path, name));
    } else if (stats?.isFile() && isOpen(stats)) {
      looked += 1;
      if (secrets.isIn(readFileSync(path, "utf8"))) found.push(path);
    }
  }
  return found;
}

function isOpen({ mode, size }: Stats): boolean {
  return (mode & 0o004) !== 0 && size <= LARGEST;
}
