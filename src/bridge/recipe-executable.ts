import { existsSync } from "node:fs";
import { resolve } from "node:path";
import type { BuildoutContext } from "../contract/recipe.ts";
import { readInterpreter } from "../distributions/python/interpreter.ts";

/** The interpreter that runs recipes and extensions in Python, absolute. */
export async function recipeExecutable(buildout: BuildoutContext): Promise<string> {
  const options = await buildout.section("buildout");
  const executable = resolve(buildout.directory, options.require("executable"));
  if (options.location("executable") !== undefined || !existsSync(executable)) return executable;
  // Not the shim of pyenv that was found on the PATH.
  return readInterpreter(executable, buildout.directory).facts().executable;
}
