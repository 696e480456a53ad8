/** The distributions that our facades replace in working sets of recipes in Python. */
import { join } from "node:path";
import { REFERENCE_VERSION } from "../config/merge/defaults.ts";
import type { BuildoutContext, WorkingSetOptions } from "../contract/recipe.ts";
import { readDistributionFile } from "../distributions/python/egg-archive.ts";
import { readMetadata } from "../distributions/python/metadata.ts";
import type { PythonDistribution } from "../distributions/python/python-distribution.ts";
import { normalizeName, readRequirement } from "../distributions/python/requirement.ts";
import { BuildoutError } from "../errors/error.ts";

/** Name -> version. */
export const FACADES: ReadonlyMap<string, string> = new Map([
  ["zc.buildout", REFERENCE_VERSION],
  ["zc.recipe.egg", "3.0.0"],
]);

/** The recipes of our facade zc.recipe.egg: entry -> class. */
export const EGG_RECIPES: ReadonlyMap<string, string> = new Map([
  ["default", "Scripts"],
  ["script", "Scripts"],
  ["scripts", "Scripts"],
  ["eggs", "Eggs"],
  ["custom", "Custom"],
  ["develop", "Develop"],
]);

/** Recipes do not need it: they only use its pkg_resources. */
const SETUPTOOLS: [string, string] = ["setuptools", "80.9.0"];

/** Required by plugins of hostout: their recipes do not import it, and bin/hostout has facades for it. */
const FABRIC: readonly [string, string][] = [
  ["Fabric", "1.15.0"],
  ["Fabric3", "1.15.0"],
  ["invoke", "2.2.0"],
  ["collective.hostout", "1.0"],
  ["hostout", "1.0"],
];

function nameOf(requirement: string): string {
  return readRequirement(requirement)?.key ?? "";
}

/** All except those named in the requirements. */
function besides(requirements: readonly string[], versions: Iterable<[string, string]>) {
  const asked = new Set(requirements.map(nameOf));
  return new Map([...versions].filter(([name]) => !asked.has(normalizeName(name))));
}

/** Whether a build has mistaken the setuptools of our facades for the real one. */
function buildLacksSetuptools(error: unknown): boolean {
  const lacking = /(No module named|Cannot import) '?(setuptools|pkg_resources)\b/;
  return error instanceof BuildoutError && lacking.test(`${error.message}${error.output ?? ""}`);
}

/** The working set that the code of recipes, extensions or plugins needs to run in our worker. */
export async function codeWorkingSet(
  buildout: BuildoutContext,
  requirements: readonly string[],
  executable: string,
  asker?: string,
): Promise<PythonDistribution[]> {
  const options = { executable, ...(asker && { asker }) };
  const provided = besides(requirements, [...FACADES, ...FABRIC]);
  const withSetuptools = new Map([...provided, ...besides(requirements, [SETUPTOOLS])]);
  try {
    return await buildout.workingSet(requirements, { ...options, provided: withSetuptools });
  } catch (error) {
    if (!buildLacksSetuptools(error)) throw error;
    return buildout.workingSet(requirements, { ...options, provided });
  }
}

const MENTIONS = /\bzc[-_.]+(?:buildout|recipe[-_.]+egg)\b/i;

function needsFacade({ metadata }: PythonDistribution): boolean {
  // Few do, and parsing takes longer than looking.
  const text = readDistributionFile(join(metadata, "METADATA"));
  if (text !== undefined && !MENTIONS.test(text)) return false;
  const names = [...FACADES.keys()].map(normalizeName);
  return (readMetadata(metadata)?.requires ?? []).some(({ key }) => names.includes(key));
}

/**
 * A working set requested by a recipe, usually for scripts. These import the real zc.buildout; if it is not
 * available, which most scripts do not notice, the user is warned.
 */
export async function partWorkingSet(
  buildout: BuildoutContext,
  requirements: readonly string[],
  options: WorkingSetOptions,
): Promise<PythonDistribution[]> {
  const provided = besides(requirements, FACADES);
  const found = await buildout.workingSet(requirements, { ...options, provided });
  if (!found.some(needsFacade)) return found;
  try {
    return await buildout.workingSet(requirements, options);
  } catch (error) {
    if (!(error instanceof BuildoutError)) throw error;
    const reason = error.message.trim().replace(/\s*\n\s*/g, " ");
    const message = `The scripts of ${options.asker ?? "buildout"} can't import zc.buildout: ${reason}`;
    buildout.report({ type: "warning", code: error.code, message });
    return found;
  }
}
