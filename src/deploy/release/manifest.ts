import type { BundleFile } from "./fileset.ts";

/** The manifest of a release, next to its files on the host: the id, the number of lines, and a line for each file. */
export function manifestText(id: string, files: readonly BundleFile[]): string {
  let text = `release ${id}\nentries ${files.length}\n`;
  for (const file of files) text += `${entryLine(file)}\n`;
  return text;
}

export function entryLine(file: BundleFile): string {
  return `${file.kind} ${file.mode.toString(8)} ${file.hash} ${file.path}`;
}

/** The differences between two manifests. */
export interface Comparison<T> {
  added: T[];
  changed: T[];
  /** Paths that it lacks. */
  removed: string[];
}

/** Compares `files` with the lines of an earlier manifest. */
export function compare<T extends { path: string }>(
  files: readonly T[],
  before: ReadonlyMap<string, string>,
  line: (file: T) => string,
): Comparison<T> {
  const added: T[] = [];
  const changed: T[] = [];
  for (const file of files) {
    const former = before.get(file.path);
    if (former === undefined) added.push(file);
    else if (former !== line(file)) changed.push(file);
  }
  return { added, changed, removed: removed(files, before, files.length - added.length) };
}

/** Most releases lack nothing, which the number of paths in both shows. */
function removed(
  files: readonly { path: string }[],
  before: ReadonlyMap<string, string>,
  inBoth: number,
): string[] {
  if (inBoth === before.size) return [];
  const paths = new Set(files.map(({ path }) => path));
  return [...before.keys()].filter((path) => !paths.has(path));
}
