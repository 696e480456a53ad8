/** The Python side of a worker as text: the engine may be one file with nothing beside it. */

import coreFolder from "python:core";
import buildout from "python:facades/buildout";
import substitutes from "python:facades/substitutes";
import recipes from "python:recipes";

/** Module name -> [file as tracebacks show it, text]. */
export type PythonModules = Readonly<Record<string, readonly [file: string, text: string]>>;

const { bootstrap: begin, ...core } = coreFolder;

/** What `python -c` runs. */
export const bootstrap = begin![1];

/**
 * What every worker consists of. We answer for these modules, as for the facades, even if
 * something else of that name is installed.
 */
export { core };

/** Recipes and extensions: `_hostout.recipes`, and what they import. */
export const buildoutFacades: PythonModules = { ...buildout, ...recipes };

/** Used where the interpreter has no module of that name. */
export { substitutes };
