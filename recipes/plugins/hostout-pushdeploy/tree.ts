/** What of a staged buildout belongs on the host. */
import { closeSync, openSync, readdirSync, readSync } from "node:fs";
import { join } from "node:path";

/** Kept for each side: the launcher of the engine, its state, and data. */
const OWN = ["bin/buildout", ".hostout", "var", ".buildout-lock", ".installed.cfg.pending"];

export const isLeftOut = (path: string): boolean => OWN.includes(path);

/** Names at the top of the staged tree that go to the host, sorted. */
export function topNames(folder: string): string[] {
  return readdirSync(folder)
    .filter((name) => !isLeftOut(name))
    .sort();
}

/**
 * Options of rsync for a tree with these names at its top: nothing beside them is sent, changed or
 * removed. Files are put in place when all have arrived, what is gone is removed after that.
 */
export function syncOptions(names: readonly string[]): string[] {
  // Backslashes count only beside wildcards.
  const escaped = (name: string) => (/[*?[]/.test(name) ? name.replace(/[*?[\\]/g, "\\$&") : name);
  return [
    "--delay-updates",
    "--delete-after",
    // As setowners leaves them.
    "--no-owner",
    "--no-group",
    "--chmod=u+rwX,g+rX,g-w,o-rwx",
    "--exclude=/bin/buildout",
    // The host's own; they go with their folder.
    "--filter=-p __pycache__",
    "--filter=-p *.pyc",
    ...names.map((name) => `--include=/${escaped(name)}`),
    "--exclude=/*",
  ];
}

/** The interpreters that the scripts in a folder start with, by the first script that does. */
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
