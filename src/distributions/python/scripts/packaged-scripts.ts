import { readdirSync, readFileSync, statSync } from "node:fs";
import path from "node:path";
import type { PythonDistribution } from "../python-distribution.ts";

/** A script that is a file in a distribution. */
export interface PackagedScript {
  name: string;
  text: string;
}

/**
 * The `scripts` of setup.py: files next to the metadata of an egg with an interpreter in their first line.
 * Sorted by name.
 */
export function packagedScripts({
  metadata,
}: Pick<PythonDistribution, "metadata">): PackagedScript[] {
  const folder = path.join(metadata, "scripts");
  // Few distributions have them, and an error takes longer than this.
  if (!statSync(folder, { throwIfNoEntry: false })?.isDirectory()) return [];
  const items = readdirSync(folder, { withFileTypes: true });
  const names = items.filter((item) => item.isFile()).map((item) => item.name);
  return names
    .sort()
    .map((name) => ({ name, text: readFileSync(path.join(folder, name), "utf8") }))
    .filter(({ text }) => text.startsWith("#!"));
}
