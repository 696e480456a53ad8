import { existsSync } from "node:fs";
import { resolve } from "node:path";
import type { EngineContext } from "../contract/engine.ts";
import { readInterpreter } from "../distributions/python/interpreter.ts";
import { type InterpreterProcess, startInterpreter } from "./interpreter-process.ts";

/** An interpreter that waits for a worker's modules. */
export interface EarlyInterpreter {
  executable: string;
  process: InterpreterProcess;
}

/**
 * Starts the interpreter that runs recipes and extensions. Undefined if that fails: the worker tries again when it
 * is needed, since the interpreter may be a part's work.
 */
export async function startRecipeInterpreter(
  buildout: EngineContext,
): Promise<EarlyInterpreter | undefined> {
  const { directory, request } = buildout;
  try {
    const executable = await recipeExecutable(buildout);
    const { signal } = request;
    return { executable, process: startInterpreter({ executable, directory, signal }) };
  } catch {
    return undefined;
  }
}

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
