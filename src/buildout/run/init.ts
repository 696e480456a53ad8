import { existsSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { BuildoutError } from "../../errors/error.ts";
import type { EngineEvent } from "../../events/engine.ts";
import type { Reporter } from "../../events/reporter.ts";
import { repr } from "../../pythonic/text.ts";
import { makeDirectory } from "../../system/make-directory.ts";
import { writeFileAtomically } from "../../system/write-atomically.ts";

/** The prefix of npm packages in the arguments of `init`. */
const NPM = "npm:";

/** The arguments of `init` by kind. */
interface Initial {
  readonly requirements: readonly string[];
  readonly npmPackages: readonly string[];
  /** Packages for Node, developed in place. */
  readonly develop: readonly string[];
  /** Other directories: put on Python's path, as zc.buildout does. */
  readonly paths: readonly string[];
}

/** An npm package is marked as one, or scoped. Everything else with a slash is a directory. */
function sorted(args: readonly string[], directory: string): Initial {
  const isNpm = (argument: string) => argument.startsWith(NPM) || argument.startsWith("@");
  const isFolder = (argument: string) => !isNpm(argument) && /[\\/]/.test(argument);
  const isForNode = (folder: string) =>
    isFolder(folder) && existsSync(resolve(directory, folder, "package.json"));
  return {
    requirements: args.filter((argument) => !isNpm(argument) && !isFolder(argument)),
    npmPackages: args
      .filter(isNpm)
      .map((argument) => (argument.startsWith(NPM) ? argument.slice(NPM.length) : argument)),
    develop: args.filter(isForNode),
    paths: args.filter((argument) => isFolder(argument) && !isForNode(argument)),
  };
}

function option(name: string, values: readonly string[]): string {
  return values.length === 0 ? "" : `${name} =\n${values.map((value) => `  ${value}\n`).join("")}`;
}

/** The text of a new `buildout.cfg`; for Python packages and paths alone it is zc.buildout's. */
function initialConfiguration({ requirements, npmPackages, develop, paths }: Initial): string {
  const python =
    requirements.length + paths.length > 0
      ? "\n[py]\nrecipe = zc.recipe.egg\ninterpreter = py\neggs =\n" +
        requirements.map((one) => `  ${one}\n`).join("") +
        option("extra-paths", paths)
      : "";
  const node =
    npmPackages.length > 0
      ? `\n[node]\nrecipe = hostout:node\ninterpreter = node\n${option("eggs", npmPackages)}`
      : "";
  const parts = [python && "py", node && "node"].filter(Boolean).join(" ");
  return `[buildout]\n${option("develop", develop)}parts =${parts && ` ${parts}`}\n${python}${node}`;
}

/** Writes a new configuration file; creates missing directories among the arguments. Throws `file-exists`. */
export function writeInitialConfiguration(
  file: string,
  args: readonly string[],
  report: Reporter<EngineEvent>,
): void {
  if (existsSync(file)) {
    throw new BuildoutError("file-exists", `${repr(file)} already exists.`, {
      while: ["Initializing."],
      hint: "Run 'buildout bootstrap' to set up a buildout that has a configuration.",
    });
  }
  report({ type: "file-creating", path: file });
  const initial = sorted(args, dirname(file));
  writeFileAtomically(file, initialConfiguration(initial));
  for (const path of initial.paths) makeDirectory(join(dirname(file), path));
}
