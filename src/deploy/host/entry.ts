import { isAbsolute } from "node:path/posix";

/** An entry of a release: a file, link or empty directory. */
export interface Entry {
  kind: "file" | "link" | "directory";
  mode: string;
  /** SHA-256 of the content, or of a link's target; `-` for a directory. */
  hash: string;
  path: string;
}

/** The entries of a manifest, by path. */
export function parseManifest(text: string): Map<string, string> {
  const lines = text.split("\n").flatMap((line) => {
    const entry = parseEntry(line);
    return entry === undefined ? [] : [[entry.path, line] as const];
  });
  return new Map(lines);
}

/** Whether a manifest still has all its entries. */
export function isCompleteManifest(text: string, entries: ReadonlyMap<string, string>): boolean {
  const [, count] = /^release .*\nentries (\d+)\n/.exec(text) ?? [];
  return count === undefined || entries.size === Number(count);
}

/** Reads one line; undefined if it is not an entry, or points outside the buildout directory. */
export function parseEntry(line: string): Entry | undefined {
  const match =
    /^(file|link) ([0-7]{3}) ([0-9a-f]{64}) (.+)$/.exec(line) ??
    /^(directory) ([0-7]{3}) (-) (.+)$/.exec(line);
  if (match === null) return undefined;
  const [, kind, mode, hash, path] = match as unknown as [string, Entry["kind"], ...string[]];
  const parts = path!.split("/");
  if (isAbsolute(path!) || parts.some((part) => ["", ".", ".."].includes(part))) return undefined;
  return { kind, mode: mode!, hash: hash!, path: path! };
}
