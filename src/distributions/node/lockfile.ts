import { readFile } from "node:fs/promises";
import path from "node:path";
import type { Distribution } from "../distribution.ts";
import type { Dependencies } from "./manifest.ts";

interface LockEntry {
  /** Only if it differs from the directory's name: an alias. */
  name?: string;
  version?: string;
  link?: boolean;
  inBundle?: boolean;
  dependencies?: Dependencies;
  optionalDependencies?: Dependencies;
  peerDependencies?: Dependencies;
}

/** A requirement of a package. */
interface Requires {
  name: string;
  range: string;
  /** A peer dependency. */
  peer: boolean;
  /** The package that satisfies it, if installed. */
  answer: InstalledPackage | undefined;
}

/** One package of an installed tree. */
export interface InstalledPackage {
  /** Its key in the lock file, as in `node_modules/a/node_modules/b`. */
  path: string;
  name: string;
  version: string;
  /** Bundled in the archive of another package, so pins do not apply. */
  bundled: boolean;
  requires: Requires[];
}

function findAnswer(
  packages: ReadonlyMap<string, InstalledPackage>,
  from: string,
  name: string,
): InstalledPackage | undefined {
  for (let base = from; ; ) {
    const found = packages.get(`${base === "" ? "" : `${base}/`}node_modules/${name}`);
    if (found !== undefined || base === "") return found;
    const end = base.lastIndexOf("node_modules/");
    base = base.slice(0, Math.max(0, end - 1));
  }
}

/** The tree in the text of `node_modules/.package-lock.json` (npm's hidden lock file, npm >= 7). */
function parseTree(text: string): InstalledPackage[] {
  const lock = JSON.parse(text) as { packages?: Record<string, LockEntry> };
  const entries = Object.entries(lock.packages ?? {}).filter(
    ([key, entry]) => key.startsWith("node_modules/") && entry.link !== true,
  );
  const packages = new Map(
    entries.map(([key, entry]): [string, InstalledPackage] => {
      const name = entry.name ?? key.slice(key.lastIndexOf("node_modules/") + 13);
      const bundled = entry.inBundle === true;
      return [key, { path: key, name, version: entry.version ?? "0.0.0", bundled, requires: [] }];
    }),
  );
  for (const [key, entry] of entries) {
    const requires = (dependencies: Dependencies = {}, peer = false): Requires[] =>
      Object.entries(dependencies).map(([name, range]) => {
        return { name, range, peer, answer: findAnswer(packages, key, name) };
      });
    packages.get(key)!.requires = [
      ...requires({ ...entry.dependencies, ...entry.optionalDependencies }),
      ...requires(entry.peerDependencies, true),
    ];
  }
  return [...packages.values()];
}

/** The content of `folder/node_modules`; empty if nothing is installed. */
export async function readTree(folder: string): Promise<InstalledPackage[]> {
  try {
    return parseTree(
      await readFile(path.join(folder, "node_modules", ".package-lock.json"), "utf8"),
    );
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw error;
  }
}

/**
 * The exact versions of everything under `folder/node_modules`, develop packages included, with `name
 * version` of the packages that require each. A name may have several versions. Packages that are bundled
 * inside others are left out.
 */
export async function nodeDistributions(folder: string): Promise<Distribution[]> {
  const found = new Map<string, { distribution: Distribution; requiredBy: Set<string> }>();
  const tree = (await readTree(folder)).filter(({ bundled }) => !bundled);
  const keyOf = ({ name, version }: InstalledPackage) => `${name} ${version}`;
  for (const item of tree) {
    const { name, version } = item;
    if (found.has(keyOf(item))) continue;
    found.set(keyOf(item), {
      distribution: { kind: "node", name, version },
      requiredBy: new Set(),
    });
  }
  for (const item of tree) {
    for (const { answer } of item.requires) {
      if (answer !== undefined) found.get(keyOf(answer))?.requiredBy.add(keyOf(item));
    }
  }
  return [...found.keys()].sort().map((key) => {
    const { distribution, requiredBy } = found.get(key)!;
    return requiredBy.size === 0
      ? distribution
      : { ...distribution, requiredBy: [...requiredBy].sort() };
  });
}
