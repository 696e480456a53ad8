/**
 * Common code of recipes for Python distributions: the options `eggs`, `find-links`, `index`, `python` and
 * those of scripts. The equivalent of zc.recipe.egg's classes Eggs and Scripts for recipes in Python.
 */

import { fromDirectory } from "../../contract/paths.ts";
import type { OptionSpecs, Part, WorkingSetOptions } from "../../contract/recipe.ts";
import type { PythonDistribution } from "../../distributions/python/python-distribution.ts";
import type { ScriptsRequest } from "../../distributions/python/scripts/scripts.ts";
import { BuildoutError } from "../../errors/error.ts";
import { lines, words } from "../../pythonic/text.ts";

export const EGG_OPTIONS = {
  eggs: { type: "lines", description: "Requirements, one per line; default: the part's name." },
  "find-links": { type: "words", description: "Further places to look for distributions." },
  index: { description: "URL of the package index." },
  python: { description: "The section whose `executable` is the interpreter." },
} as const satisfies OptionSpecs;

export const SCRIPT_OPTIONS = {
  ...EGG_OPTIONS,
  "extra-paths": { type: "lines", description: "Directories to add to sys.path after the eggs." },
  "relative-paths": { description: "`true`: the scripts can be moved with the buildout." },
} as const satisfies OptionSpecs;

/** A URL without name and password. */
function withoutLogin(address: string): string {
  return address.replace(/^([a-z][a-z0-9+.-]*:\/\/)[^/?#]*@/i, "$1");
}

/** The value of `find-links` for the part's own options, which are recorded in `.installed.cfg`. */
const linksIn = (value: string) => words(value).map(withoutLogin).join("\n");

/**
 * The part's options as zc.recipe.egg sets them: `eggs-directory`, `develop-eggs-directory`, `find-links`
 * and `index`, with those of `[buildout]` as defaults.
 */
export async function initializeEggs({ options, buildout }: Part): Promise<void> {
  const own = await buildout.section("buildout");
  const links = options.get("find-links") ?? linksIn(own.get("find-links") ?? "");
  if (links !== "") options.set("find-links", words(links).join("\n"));
  const index = options.get("index") ?? own.get("index");
  if (index !== undefined) options.set("index", options.get("index") ?? withoutLogin(index));
  for (const [option, short] of [
    ["eggs-directory", "_e"],
    ["develop-eggs-directory", "_d"],
  ] as const) {
    options.set(option, own.require(option));
    options.set(short, own.require(option));
  }
  await buildout.pythonExecutable(options); // The part that builds it must be installed first.
}

/** The same and `bin-directory`, `extra-paths`, `buildout-directory`. Throws `invalid-value`. */
export async function initializeScripts(part: Part): Promise<void> {
  await initializeEggs(part);
  const { options, buildout } = part;
  const own = await buildout.section("buildout");
  options.set("bin-directory", own.require("bin-directory"));
  options.set("_b", own.require("bin-directory"));
  const paths = lines(options.get("extra-paths") ?? "");
  if (paths.length > 0) {
    const absolute = paths.map((path) => fromDirectory(buildout.directory, path));
    options.set("extra-paths", absolute.join("\n"));
  }
  const section = options.has("relative-paths") ? options : own;
  if (booleanOption(section, "relative-paths")) {
    options.set("buildout-directory", buildout.directory);
  }
}

/** `true` or `false`; missing and empty are false. Throws `invalid-value` on anything else. */
export function booleanOption(section: Part["options"], option: string): boolean {
  const value = section.get(option) || "false";
  if (value === "true" || value === "false") return value === "true";
  const location = section.location(option);
  throw new BuildoutError("invalid-value", `Invalid value for ${option} option: ${value}`, {
    ...(location && { location }),
    hint: "It must be 'true' or 'false'.",
  });
}

/** The part's requirements. */
export function eggsOf({ name, options }: Part): string[] {
  return lines(options.get("eggs") ?? name);
}

/** Where to look for distributions and for which interpreter, from the part's options. */
export async function eggPlaces({ name, options, buildout }: Part): Promise<WorkingSetOptions> {
  const own = await buildout.section("buildout");
  const links = options.get("find-links") ?? "";
  const index = options.get("index");
  return {
    executable: await buildout.pythonExecutable(options),
    asker: name,
    ...(links !== linksIn(own.get("find-links") ?? "") && { findLinks: words(links) }),
    ...(index && index !== withoutLogin(own.get("index") ?? "") && { index }),
  };
}

/**
 * The distributions of the part's eggs, of `further` requirements and their dependencies. Throws the errors
 * of `workingSet`.
 */
export async function eggsWorkingSet(
  part: Part,
  further: readonly string[] = [],
): Promise<PythonDistribution[]> {
  const places = await eggPlaces(part);
  part.options.set("executable", places.executable!);
  return part.buildout.workingSet([...eggsOf(part), ...further], places);
}

/** Common settings of a part's scripts, from its options; call it after `eggsWorkingSet`. */
export function scriptSettings({
  options,
  buildout,
}: Part): Pick<
  ScriptsRequest,
  "executable" | "binDirectory" | "extraPaths" | "relativePaths" | "log"
> {
  return {
    executable: options.require("executable"),
    binDirectory: options.require("bin-directory"),
    extraPaths: lines(options.get("extra-paths") ?? ""),
    relativePaths: options.get("buildout-directory"),
    log: buildout.log,
  };
}
