import { chmodSync, existsSync, lstatSync, readdirSync, rmSync } from "node:fs";
import { join, resolve, sep } from "node:path";
import { BuildoutError } from "../../errors/error.ts";
import { repr } from "../../pythonic/text.ts";

function exists(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false }) !== undefined;
}

/** Makes directories writable, since entries of others cannot be deleted. */
function makeWritable(folder: string): void {
  chmodSync(folder, 0o700);
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    if (entry.isDirectory()) makeWritable(join(folder, entry.name));
  }
}

/** Deletes a file or a whole folder; of a symbolic link, only the link. */
function removePath(path: string): void {
  try {
    rmSync(path, { recursive: true, force: true });
  } catch (error) {
    if (!existsSync(path) || !lstatSync(path).isDirectory()) throw error;
    makeWritable(path);
    rmSync(path, { recursive: true, force: true });
  }
}

/**
 * Deletes recorded paths, skipping missing ones. Relative paths start at `directory`, the buildout
 * directory. Throws if a recorded path contains the whole buildout.
 */
export function removePaths(paths: Iterable<string>, directory: string): void {
  for (const recorded of paths) {
    if (recorded === "") continue;
    const path = resolve(directory, recorded);
    const below = path.endsWith(sep) ? path : path + sep;
    if (`${resolve(directory)}${sep}`.startsWith(below)) {
      throw new BuildoutError(
        "unsafe-removal",
        `The path ${repr(recorded)} is recorded as installed by a part, but it holds the buildout itself.`,
        { hint: "Remove it from .installed.cfg." },
      );
    }
    removePath(path);
  }
}

/** Deletes what a failed installation created; returns missing paths. */
export function removeCreated(paths: Iterable<string>, directory: string): string[] {
  const missing: string[] = [];
  for (const created of paths) {
    if (exists(resolve(directory, created))) removePaths([created], directory);
    else missing.push(created);
  }
  return missing;
}
