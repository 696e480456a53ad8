import { readdir, readFile } from "node:fs/promises";
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
export async function packagedScripts({
  metadata,
}: Pick<PythonDistribution, "metadata">): Promise<PackagedScript[]> {
  const folder = path.join(metadata, "scripts");
  const items = await readdir(folder, { withFileTypes: true }).catch(() => []);
  const names = items.filter((item) => item.isFile()).map((item) => item.name);
  const scripts = await Promise.all(
    names.sort().map(async (name) => ({
      name,
      text: await readFile(path.join(folder, name), "utf8"),
    })),
  );
  return scripts.filter(({ text }) => text.startsWith("#!"));
}
