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
  const lines = new Map<string, string>();
  for (const line of text.split("\n")) {
    const entry = parseEntry(line);
    if (entry !== undefined) lines.set(entry.path, line);
  }
  return lines;
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
  // An empty name, as in an absolute path, or one of those for directories.
  if (/(?:^|\/)\.{0,2}(?:\/|$)/.test(path!)) return undefined;
  return { kind, mode: mode!, hash: hash!, path: path! };
}
