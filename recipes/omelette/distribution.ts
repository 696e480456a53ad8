import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import path from "node:path";
import type { Log, PythonDistribution } from "../../src/index.ts";
import { lines } from "../../src/index.ts";
import { folderAt, type Tree } from "./tree.ts";

/** Names of packages, as a tree: `zope.app` -> zope: (app: ()). */
type Names = Map<string, Names>;

function namesIn(distribution: PythonDistribution, file: string): string[] | undefined {
  try {
    const text = readFileSync(path.join(distribution.metadata, file), "utf8");
    return lines(text);
  } catch {
    return undefined;
  }
}

function add(names: Names, parts: readonly string[]): void {
  const [first, ...rest] = parts;
  if (first === undefined) return;
  const below: Names = names.get(first) ?? new Map();
  names.set(first, below);
  add(below, rest);
}

/** Declared namespace packages, or else those suggested by a dotted name. */
function namespacesOf(distribution: PythonDistribution): Names {
  const names: Names = new Map();
  for (const line of namesIn(distribution, "namespace_packages.txt") ?? []) {
    add(names, line.split(".").filter(Boolean));
  }
  if (names.size === 0) add(names, distribution.name.split(".").slice(0, -1));
  return names;
}

/** The files of a distribution that determine its importable names. */
function filesOf(distribution: PythonDistribution): string[] {
  const record = namesIn(distribution, "RECORD");
  if (record) return record.map((line) => line.replace(/^"?(.*?)"?,[^,]*,[^,]*$/, "$1"));
  const { location } = distribution;
  return readdirSync(location, { withFileTypes: true })
    .map((item) => (item.isDirectory() ? `${item.name}/__init__.py` : item.name))
    .filter((file) => file !== "setup.py" && existsSync(path.join(location, file)));
}

/** Importable names, from the files if no build tool has recorded them. */
function topLevelOf(distribution: PythonDistribution): string[] {
  const declared = namesIn(distribution, "top_level.txt");
  if (declared !== undefined) return declared.sort();
  const names = filesOf(distribution).flatMap((file) => {
    const [, name] = /^([\p{L}\p{N}_]+)(?:\/.*)?\.py$/u.exec(file) ?? [];
    return name === undefined ? [] : [name];
  });
  return [...new Set(names)].sort();
}

const isFolder = (file: string) =>
  statSync(file, { throwIfNoEntry: false })?.isDirectory() ?? false;

/** Adds the contents of a distribution to the tree; reports what does not fit to `log`. */
export function addDistribution(tree: Tree, distribution: PythonDistribution, log: Log): void {
  const { name, location } = distribution;
  const egg = `(While processing egg ${name})`;
  const namespaces = namespacesOf(distribution);

  const addNamespaces = (names: Names, above: readonly string[]) => {
    for (const [last, below] of names) {
      const parts = [...above, last];
      const folder = folderAt(tree, parts);
      if (folder === undefined) continue; // An earlier distribution has all of it.
      addNamespaces(below, parts);
      const source = path.join(location, ...parts);
      if (!isFolder(source)) {
        log.info(`${egg} Package '${parts.join("/")}' is zipped.  Skipping.`);
        continue;
      }
      for (const item of readdirSync(source)) {
        if (!item.startsWith(".") && !folder.has(item)) folder.set(item, path.join(source, item));
      }
    }
  };

  addNamespaces(namespaces, []);
  for (const topLevel of topLevelOf(distribution)) {
    if (namespaces.has(topLevel)) continue;
    const file = ["", ".py", ".so", ".dll"]
      .map((suffix) => `${topLevel}${suffix}`)
      .find((candidate) => existsSync(path.join(location, candidate)));
    if (file === undefined || !/^[^./][^/]*$/.test(file)) {
      log.warning(`Warning: ${egg} Package '${topLevel}' not found.  Skipping.`);
    } else if (tree.has(file)) {
      log.info(`${egg} Link already exists (${path.join(location, file)} -> ${file}).  Skipping.`);
    } else {
      tree.set(file, path.join(location, file));
    }
  }
}
