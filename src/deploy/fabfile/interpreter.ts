import { existsSync } from "node:fs";
import { findPython } from "../../config/conditions/interpreter.ts";
import { BuildoutError } from "../../errors/error.ts";
import type { HostOptions } from "../part/options.ts";
import type { Project } from "../part/project.ts";

/** The interpreter for Python code: the part's, else the buildout's, else the first on the PATH. Throws `no-python`. */
export function interpreterFor(
  { pythonExecutable }: Pick<HostOptions, "pythonExecutable">,
  { python }: Pick<Project, "python">,
  env: Readonly<Record<string, string | undefined>>,
): string {
  if (pythonExecutable !== undefined) return pythonExecutable;
  const found = existsSync(python.executable) ? python.executable : findPython(env);
  if (found !== undefined) return found;
  throw new BuildoutError("no-python", "Fabfiles need a Python interpreter, and none was found.", {
    hint: "Install python3 (3.8 or newer), or set 'executable' in [buildout].",
  });
}
