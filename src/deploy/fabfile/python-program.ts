/** Python programs used by commands in TypeScript, such as libcloud in hostout.cloud. */
import { type Json, PythonWorker } from "../../bridge/worker.ts";
import { substitutes } from "../../bridge/worker-modules.ts";
import { interpreterFor } from "./interpreter.ts";
import type { FabfileState } from "./state.ts";

/** The source of a module whose `HANDLERS` are the functions to call, by name. */
export interface PythonSource {
  /** The file name shown in tracebacks. */
  file: string;
  text: string;
  /** Modules that it imports, by name. */
  modules?: Record<string, Omit<PythonSource, "modules">>;
}

export interface PythonProgram {
  /** The result of a function. Throws `PythonError` for an exception there, and `python-worker-died`. */
  call(name: string, ...args: Json[]): Promise<Json>;
  close(): Promise<void>;
}

/**
 * Starts the program with the interpreter of the part; its output is shown as output of this machine. It
 * reports progress with `channel.request("note", TEXT)`.
 */
export function pythonProgram(
  { context }: FabfileState,
  source: PythonSource,
): Promise<PythonProgram> {
  const { project, options, session, deployment } = context;
  const module = "_hostout_program";
  const modules = Object.entries({ ...source.modules, [module]: source });
  return PythonWorker.start({
    serves: module,
    modules: Object.fromEntries(modules.map(([name, { file, text }]) => [name, [file, text]])),
    substitutes,
    executable: interpreterFor(options, project, deployment.env),
    directory: project.directory,
    program: "bin/hostout",
    handlers: { note: (line: string) => session.note(line) },
    facades: {},
    output: (stream, line) => session.emit({ type: "output", stream, line, local: true }),
    signal: AbortSignal.any([session.signal]),
  });
}
