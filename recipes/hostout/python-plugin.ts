import {
  BuildoutError,
  codeWorkingSet,
  NOT_THERE,
  normalizeName,
  type Part,
  readEntryPoints,
} from "../../src/index.ts";

/** A plugin that is a Python distribution. */
export interface PythonPlugin {
  /** Modules whose functions are commands. */
  modules: string[];
  /** Folders that they are imported from. */
  path: string[];
  /** Whether it has a recipe that sets options on the part. */
  hasRecipe: boolean;
}

/**
 * The plugin of the distribution `NAME[:ENTRY]`, with entry points in the group `fabric`; installed if
 * missing. Returns a reason if there is none.
 */
export async function pythonPlugin(
  { options, buildout }: Part,
  name: string,
): Promise<PythonPlugin | Error> {
  const [requirement = "", entry = "default"] = name.split(":");
  try {
    const executable = await buildout.pythonExecutable(options);
    const distributions = await codeWorkingSet(buildout, [requirement], executable, options.name);
    const wanted = normalizeName(requirement.replace(/[[<>=!~;\s][\s\S]*$/, ""));
    const distribution = distributions.find((one) => normalizeName(one.name) === wanted);
    if (distribution === undefined) return new Error(`There is no distribution ${requirement}.`);
    const groups = readEntryPoints(distribution);
    const modules = [...(groups.get("fabric")?.values() ?? [])].map(({ module }) => module);
    const hasRecipe = groups.get("zc.buildout")?.has(entry) ?? false;
    if (modules.length === 0 && !hasRecipe) {
      return new Error(`${distribution.name} has no entry points in the group 'fabric'.`);
    }
    return { modules, path: distributions.map(({ location }) => location), hasRecipe };
  } catch (error) {
    if (error instanceof BuildoutError && NOT_THERE.has(error.code)) return error;
    throw error;
  }
}

/** The paths of these distributions for the part's interpreter, installed if missing. */
export async function pythonPath(
  { options, buildout }: Part,
  requirements: readonly string[],
): Promise<string[]> {
  const executable = await buildout.pythonExecutable(options);
  const distributions = await codeWorkingSet(buildout, requirements, executable, options.name);
  return distributions.map(({ location }) => location);
}
