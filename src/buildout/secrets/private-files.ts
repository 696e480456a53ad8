import { lstatSync, readdirSync, readFileSync, type Stats } from "node:fs";
import { join } from "node:path";
import { fromDirectory } from "../../contract/paths.ts";
import type { EngineEvent } from "../../events/engine.ts";
import type { Reporter } from "../../events/reporter.ts";
import type { Secrets } from "./secrets.ts";

const OTHERS = 0o007;
const GROUP_AND_OTHERS = 0o077;
/** Bytes. Configuration files are far smaller. */
const LARGEST = 1 << 20;
/** Maximum number of files to check: a part that unpacks an archive may own thousands. */
const MOST = 2000;

/**
 * The umask for a part with a secret: only the owner can read its files. If others have no access anyway,
 * as on a host, the group may read them, since the effective user may be different.
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
 * Calls a recipe whose part has a secret, so that nobody else can read its files. Warns about files that
 * the recipe makes readable for everyone.
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
      const message = `${path} contains a secret and is readable by everyone.`;
      report({ type: "warning", code: "secret-readable", message });
    }
    return made;
  } finally {
    process.umask(before);
  }
}

/** The files below `paths`, absolute, that contain a secret and are readable by everyone. */
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
