/** What belongs on the host from a staged buildout. */
import { closeSync, openSync, readdirSync, readSync } from "node:fs";
import { join } from "node:path";

/** Separate on each side: the launcher of the engine, its state, and data. */
const OWN = ["bin/buildout", ".hostout", "var", ".buildout-lock", ".installed.cfg.pending"];

export const isLeftOut = (path: string): boolean => OWN.includes(path);

/** Names at the top of the staged tree that go to the host, sorted. */
export function topNames(folder: string): string[] {
  return readdirSync(folder)
    .filter((name) => !isLeftOut(name))
    .sort();
}

/**
 * Options of rsync for a tree with these top-level names: nothing else is sent, changed or removed. Files
 * are put in place when all have arrived; then removed files are deleted.
 */
export function syncOptions(names: readonly string[]): string[] {
  // Backslashes are only special with wildcards.
  const escaped = (name: string) => (/[*?[]/.test(name) ? name.replace(/[*?[\\]/g, "\\$&") : name);
  return [
    "--delay-updates",
    "--delete-after",
    // As set by setowners.
    "--no-owner",
    "--no-group",
    "--chmod=u+rwX,g+rX,g-w,o-rwx",
    "--exclude=/bin/buildout",
    // The host's own files, removed with their directory.
    "--filter=-p __pycache__",
    "--filter=-p *.pyc",
    ...names.map((name) => `--include=/${escaped(name)}`),
    "--exclude=/*",
  ];
}

/** The interpreters of the scripts in a directory, each with the first script that uses it. */
export function interpreters(folder: string): Map<string, string> {
  const found = new Map<string, string>();
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const [, line = ""] = /^#!\s*(\/[^\r\n]*)/.exec(head(join(folder, entry.name))) ?? [];
    const [program = ""] = line.split(/\s/);
    if (program !== "" && !found.has(program)) found.set(program, entry.name);
  }
  return found;
}

function head(file: string): string {
  const bytes = Buffer.alloc(256);
  const descriptor = openSync(file, "r");
  try {
    return bytes.toString("latin1", 0, readSync(descriptor, bytes, 0, bytes.length, 0));
  } finally {
    closeSync(descriptor);
  }
}
