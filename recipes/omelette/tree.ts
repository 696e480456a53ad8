/** A tree of directories and links, computed before it is created. */
import { readdir, readlink, rm, symlink } from "node:fs/promises";
import path from "node:path";
import { makeDirectory } from "../../src/index.ts";

/** Name -> a directory of the tree, or the absolute target of a link. */
export type Tree = Map<string, Tree | string>;

/** The directory at a path inside the tree, created if necessary. Undefined if a link is in the way. */
export function folderAt(tree: Tree, names: readonly string[]): Tree | undefined {
  let folder = tree;
  for (const name of names) {
    const next = folder.get(name) ?? new Map();
    if (typeof next === "string") return undefined;
    folder.set(name, next);
    folder = next;
  }
  return folder;
}

/** Turns `location` into the tree. Existing entries of the tree stay, everything else is removed. */
export async function makeTree(location: string, tree: Tree): Promise<void> {
  makeDirectory(location);
  const wanted = new Map(tree);
  for (const item of await readdir(location, { withFileTypes: true })) {
    const file = path.join(location, item.name);
    const node = wanted.get(item.name);
    if (typeof node === "string" && item.isSymbolicLink() && (await readlink(file)) === node) {
      wanted.delete(item.name);
    } else if (typeof node !== "object" || !item.isDirectory()) {
      await rm(file, { recursive: true });
    }
  }
  for (const [name, node] of wanted) {
    const file = path.join(location, name);
    if (typeof node === "string") await symlink(node, file);
    else await makeTree(file, node);
  }
}
