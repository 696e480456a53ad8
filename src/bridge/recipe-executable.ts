import { existsSync } from "node:fs";
import { resolve } from "node:path";
import type { EngineContext } from "../contract/engine.ts";
import { readInterpreter } from "../distributions/python/interpreter.ts";

/** The interpreter that runs recipes and extensions in Python, absolute. */
export async function recipeExecutable(buildout: EngineContext): Promise<string> {
  const options = await buildout.section("buildout");
  const { isInitialized, settings } = buildout;
  const named = isInitialized ? options.require("executable") : settings.python.executable;
  const executable = resolve(buildout.directory, named);
  const isChosen = options.location("executable") !== undefined && isInitialized;
  if (isChosen || !existsSync(executable)) return executable;
  // The real interpreter, not a pyenv shim on the PATH.
  return readInterpreter(executable, buildout.directory).facts().executable;
}
