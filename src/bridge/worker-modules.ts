/** The Python side of a worker as strings, since the engine may be a single file. */

import core from "python:core";
import buildout from "python:facades/buildout";
import substitutes from "python:facades/substitutes";
import recipes from "python:recipes";

/** Module name -> [file name for tracebacks, source]. */
export type PythonModules = Readonly<Record<string, readonly [file: string, text: string]>>;

/** The modules of every worker. Like the facades, they take precedence over installed modules of the same name. */
export { core };

/** Recipes and extensions: `_hostout.recipes`, and what they import. */
export const buildoutFacades: PythonModules = { ...buildout, ...recipes };

/** Used if the interpreter has no module of that name. */
export { substitutes };
