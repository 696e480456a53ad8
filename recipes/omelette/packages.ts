import { existsSync, readdirSync, statSync } from "node:fs";
import path from "node:path";
import { BuildoutError, type Log } from "../../src/index.ts";
import { folderAt, type Tree } from "./tree.ts";

const isFolder = (file: string) =>
  statSync(file, { throwIfNoEntry: false })?.isDirectory() ?? false;

function addFolders(source: string, folder: Tree, log: Log): void {
  for (const name of readdirSync(source).sort()) {
    const file = path.join(source, name);
    if (name.startsWith(".") || !isFolder(file)) continue;
    const there = folder.get(name);
    if (there === undefined) folder.set(name, file);
    else if (typeof there === "object") addFolders(file, there, log);
    else {
      log.warning(`Warning: (While processing package ${file}) Link already exists.  Skipping.`);
    }
  }
}

/**
 * Adds the directories in `source`, absolute, to the tree's directory `target`, such as `Products`, merging
 * directories that exist in both. Reports conflicts to `log`. Throws `invalid-value` for a target outside
 * the tree.
 */
export function addPackages(tree: Tree, source: string, target: string, log: Log): void {
  const names = path.normalize(target).split("/");
  if (path.isAbsolute(target) || names[0] === "..") {
    throw new BuildoutError(
      "invalid-value",
      `packages names '${target}', which is not below location.`,
    );
  }
  if (!existsSync(source)) {
    log.warning(`Warning: Product directory ${source} not found.  Skipping.`);
    return;
  }
  const folder = folderAt(
    tree,
    names.filter((name) => name !== "" && name !== "."),
  );
  if (folder !== undefined) addFolders(source, folder, log);
  else {
    log.warning(
      `Warning: (While processing package directory ${source}) Link already exists at ${target}.  Skipping.`,
    );
  }
}
