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
  const paths = new Set<string>();
  if (before.size > 0) for (const { path } of files) paths.add(path);
  return {
    added: files.filter(({ path }) => !before.has(path)),
    changed: files.filter((file) => {
      const former = before.get(file.path);
      return former !== undefined && former !== line(file);
    }),
    removed: [...before.keys()].filter((path) => !paths.has(path)),
  };
}
