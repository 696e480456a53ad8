import { readdir, readFile } from "node:fs/promises";
import path from "node:path";
import type { PythonDistribution } from "./distribution.ts";
import { readEntryPoints } from "./entry-points.ts";

/** A script that a distribution brings as a file. */
export interface PackagedScript {
  name: string;
  text: string;
}

/** The scripts in a folder: files with an interpreter in their first line. */
async function scriptsIn(folder: string): Promise<PackagedScript[]> {
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

/**
 * What setup.py's `scripts` became: in an egg, files beside its metadata; where pip installed it,
 * files in `bin`, among the commands that pip makes of entry points.
 */
export async function packagedScripts(distribution: PythonDistribution): Promise<PackagedScript[]> {
  if (distribution.developed) return [];
  const groups = readEntryPoints(distribution);
  const commands = new Set(
    ["console_scripts", "gui_scripts"].flatMap((group) => [...(groups.get(group)?.keys() ?? [])]),
  );
  const inBin = await scriptsIn(path.join(distribution.location, "bin"));
  return [
    ...(await scriptsIn(path.join(distribution.metadata, "scripts"))),
    ...inBin.filter(({ name }) => !commands.has(name)),
  ];
}
