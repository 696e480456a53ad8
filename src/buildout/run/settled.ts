import { statSync } from "node:fs";
import { dirname } from "node:path";
import { fromDirectory } from "../../contract/paths.ts";
import type { Distribution } from "../../distributions/distribution.ts";
import type { PythonDistribution } from "../../distributions/python/python-distribution.ts";
import { words } from "../../pythonic/text.ts";
import type { Installed } from "../record/installed.ts";
import type { Buildout } from "./buildout.ts";

/**
 * The absolute paths that determine whether another run with the same configuration would do anything: if
 * none changes, it would not. Undefined if something else matters, too: an index that picks versions,
 * downloads, secrets, develop packages, extensions, and recipes that do not declare what they read.
 */
async function settledPaths(
  buildout: Buildout,
  installed: Installed,
): Promise<string[] | undefined> {
  const { directory, request, settings } = buildout;
  const { files, urls } = request.configuration;
  const options = await buildout.section("buildout");
  if (urls.length > 0 || buildout.secrets !== undefined) return undefined;
  const sections = ["extensions", "develop"].map((name) => words(options.get(name) ?? ""));
  if (sections.flat().length > 0) return undefined;
  const paths = [
    ...files,
    ...[settings.binDirectory, settings.partsDirectory, settings.developEggsDirectory],
    ...(settings.installed === undefined ? [] : [settings.installed]),
  ];
  for (const { recipe, part, prepared } of buildout.configuredParts()) {
    const looksAt = await recipe.definition.settled?.(part, prepared);
    if (looksAt === undefined) return undefined;
    paths.push(...looksAt);
    if (recipe.source !== undefined) paths.push(...(await sourcesOf(recipe.source)));
  }
  for (const part of installed.parts.values()) paths.push(...part.paths);
  if ((await buildout.pickedVersions()).length > 0) return undefined;
  for (const one of await buildout.distributions()) {
    if (isPython(one)) paths.push(one.location, one.metadata);
  }
  const all = paths.map((path) => fromDirectory(directory, path));
  // They are stored as lines.
  return all.some((path) => path.includes("\n")) ? undefined : [...new Set(all)];
}

/** What the recipe in the file or folder `source` consists of. */
async function sourcesOf(source: string): Promise<string[]> {
  const { contentPaths } = await import("../lookup/signature.ts");
  const own = contentPaths(source);
  // A file may import or read what is beside it.
  return statSync(source).isDirectory() ? own : [...own, dirname(source)];
}

/** Passes the paths, if known, to the caller. */
export async function tellSettled(buildout: Buildout, installed: Installed): Promise<void> {
  const paths = await settledPaths(buildout, installed);
  if (paths !== undefined) buildout.request.onSettled?.(paths);
}

function isPython(one: Distribution): one is PythonDistribution {
  return one.kind === "python" && "location" in one;
}
