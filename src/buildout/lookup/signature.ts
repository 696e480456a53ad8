import { createHash } from "node:crypto";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";

// The first four are zc.buildout's; installed dependencies say nothing about the source.
const IGNORED_FOLDERS = new Set([".svn", "CVS", "__pycache__", ".git", "node_modules"]);

function isFolder(path: string): boolean | undefined {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory();
}

function entriesOf(folder: string) {
  return readdirSync(folder)
    .filter((name) => !IGNORED_FOLDERS.has(name) && !/\.py[co]$/.test(name))
    .sort()
    .map((name) => ({ path: join(folder, name), name, folder: isFolder(join(folder, name)) }))
    .filter((entry) => entry.folder !== undefined);
}

function hashFolder(folder: string, hash: ReturnType<typeof createHash>): void {
  const entries = entriesOf(folder);
  hash.update(JSON.stringify(entries.map(({ name }) => name)));
  for (const entry of entries) {
    // Only the names of sockets and pipes count: reading them could block forever.
    if (!entry.folder && statSync(entry.path).isFile()) hash.update(readFileSync(entry.path));
  }
  for (const entry of entries) {
    if (entry.folder) hashFolder(entry.path, hash);
  }
}

/**
 * The hash of a file, or of the names and contents of everything in a folder
 * (version control, installed dependencies and byte code left out): 32 hex digits.
 */
export function contentHash(path: string): string {
  const hash = createHash("sha256");
  if (isFolder(path)) hashFolder(path, hash);
  else hash.update(readFileSync(path));
  return hash.digest("hex").slice(0, 32);
}

/** A file, or a folder and everything in it, as far as it decides its hash. */
export function contentPaths(path: string): string[] {
  if (!isFolder(path)) return [path];
  const inside = entriesOf(path).flatMap((entry) =>
    entry.folder ? contentPaths(entry.path) : [entry.path],
  );
  return [path, ...inside];
}
