import { statSync } from "node:fs";
import { resolve } from "node:path";
import type { Configuration } from "../../config/merge/configuration.ts";
import type { Section } from "../../config/resolve/section.ts";
import type { BuildoutContext, WorkingSetOptions } from "../../contract/recipe.ts";
import type { DevelopPackage } from "../../distributions/distribution.ts";
import type { ExtensionBuild } from "../../distributions/python/extension-build.ts";
import type { PythonDistribution } from "../../distributions/python/python-distribution.ts";
import { isPythonDevelopPackage } from "../../distributions/python/python-distribution.ts";
import type { PythonInstallRequest } from "../../distributions/python/request.ts";
import type { ErrorCode } from "../../errors/codes.ts";
import { BuildoutError, type Location, located } from "../../errors/error.ts";
import type { Log } from "../../events/log.ts";
import { repr } from "../../pythonic/repr.ts";
import type { PythonDevelopSettings } from "./develop.ts";
import type { Settings } from "./settings.ts";

/** The buildout, as far as Python distributions are its concern. */
export interface PythonBuildout
  extends Omit<BuildoutContext, "workingSet" | "pythonExecutable" | "developPackages"> {
  readonly settings: Settings;
  developPackages: DevelopPackage[];
  readonly log: Log;
  readonly request: { readonly configuration: Configuration };
}

const INSTALLERS = ["auto", "pip", "uv"] as const;

/** A request for distributions, with what `[buildout]` says on how to find and install them. */
async function requestFor(
  buildout: PythonBuildout,
  requirements: readonly string[],
  options: WorkingSetOptions,
): Promise<PythonInstallRequest> {
  const { settings, versions, directory, downloadCache, newest, offline, report } = buildout;
  const { executable, findLinks, index, ...rules } = settings.python;
  const own = await buildout.section("buildout");
  const installer = INSTALLERS.find((name) => name === rules.installer);
  if (installer === undefined) {
    const location = own.location("installer");
    throw new BuildoutError(
      "invalid-value",
      `Invalid value for 'installer' option: '${rules.installer}'`,
      { ...(location && { location }), hint: `It is one of ${INSTALLERS.join(", ")}.` },
    );
  }
  const pins = own.get("versions") ?? "";
  const timeout = Number.parseInt(settings.socketTimeout, 10);
  return {
    ...{
      requirements,
      versions,
      directory,
      downloadCache,
      newest,
      offline,
      report,
      ...rules,
      installer,
    },
    executable: options.executable ?? (await findExecutable(buildout, own)),
    eggsDirectory: options.eggsDirectory ?? buildout.eggsDirectory,
    developEggsDirectory: options.developEggsDirectory ?? buildout.developEggsDirectory,
    developPackages: buildout.developPackages.filter(isPythonDevelopPackage),
    locatePin: (option) => buildout.request.configuration.location(pins, option),
    ...(options.provided && { provided: options.provided }),
    findLinks: options.findLinks ?? findLinks,
    index: options.index ?? index,
    timeout: Number.isNaN(timeout) ? undefined : timeout,
    asker: options.asker ?? "buildout",
  };
}

/** What developing Python packages needs. They are read before any part builds an interpreter. */
export async function developSettings(buildout: PythonBuildout): Promise<PythonDevelopSettings> {
  const { directory, downloadCache, settings } = buildout;
  const { searchPlaces } = await import("../../distributions/python/search.ts");
  return {
    search: searchPlaces({ ...settings.python, directory, downloadCache }),
    async executable() {
      const { executable } = settings.python;
      if (executable !== "") return resolve(directory, executable);
      const { missingInterpreter } = await import("../../distributions/python/interpreter.ts");
      throw missingInterpreter(undefined);
    },
  };
}

/** What was found in this run: parts with the same requirements need not ask the index again. */
const answers = new WeakMap<PythonBuildout, Map<string, PythonDistribution[]>>();

/** Changes with everything that the answer to a request depends on, but for the index. */
function keyOf({ asker, versions, provided, report, ...request }: PythonInstallRequest): string {
  const notes = statSync(request.developEggsDirectory, { throwIfNoEntry: false })?.mtimeMs;
  const eggs = statSync(request.eggsDirectory, { throwIfNoEntry: false })?.mtimeMs;
  return JSON.stringify([request, [...versions], [...(provided ?? [])], notes, eggs]);
}

/** Errors of the interpreter, to be looked at where it is named. */
const OF_THE_INTERPRETER: ReadonlySet<ErrorCode> = new Set([
  "interpreter-broken",
  "interpreter-missing",
  "interpreter-too-old",
]);

/** Errors that have nothing to do with where the requirements stand. */
const OF_THE_NETWORK: ReadonlySet<ErrorCode> = new Set([
  "eggs-not-writable",
  "host-not-allowed",
  "index-refused",
  "index-unreachable",
  "offline",
  "pip-missing",
  "uv-missing",
]);

/** Where the user has to look: at the interpreter's or at the requirements' option. */
function placeOf(
  { code }: BuildoutError,
  buildout: PythonBuildout,
  { executable, asker }: PythonInstallRequest,
): Location | undefined {
  if (OF_THE_INTERPRETER.has(code)) return named.get(executable);
  if (OF_THE_NETWORK.has(code)) return undefined;
  const { configuration } = buildout.request;
  return configuration.location(asker, "eggs") ?? configuration.location(asker, "recipe");
}

/** See `BuildoutContext.workingSet`. */
export async function findWorkingSet(
  buildout: PythonBuildout,
  requirements: readonly string[],
  options: WorkingSetOptions,
): Promise<PythonDistribution[]> {
  const { installPythonDistributions } = await import(
    "../../distributions/python/install-distributions.ts"
  );
  const request = await requestFor(buildout, requirements, options);
  const known = answers.get(buildout) ?? new Map<string, PythonDistribution[]>();
  answers.set(buildout, known);
  let found = known.get(keyOf(request));
  try {
    found ??= await installPythonDistributions(request);
  } catch (error) {
    throw error instanceof BuildoutError
      ? located(error, placeOf(error, buildout, request))
      : error;
  }
  known.set(keyOf(request), found);
  return found.map((distribution) => ({ ...distribution }));
}

/** See `BuildoutContext.buildEgg`. */
export async function buildEgg(
  buildout: PythonBuildout,
  requirement: string,
  build: ExtensionBuild,
  options: WorkingSetOptions,
): Promise<string> {
  const { buildCustomEgg } = await import("../../distributions/python/custom.ts");
  return buildCustomEgg(await requestFor(buildout, [requirement], options), build);
}

/** See `BuildoutContext.developPackage`. */
export async function developPackage(
  buildout: PythonBuildout,
  folder: string,
  build: ExtensionBuild,
  executable: string | undefined,
): Promise<string[]> {
  const { developPythonPackage, isPythonPackage } = await import(
    "../../distributions/python/develop.ts"
  );
  if (!isPythonPackage(folder)) {
    throw new BuildoutError(
      "no-package",
      `${repr(folder)} holds no Python package: there is no setup.py or pyproject.toml.`,
    );
  }
  const { developEggsDirectory, report } = buildout;
  const { search, ...settings } = await developSettings(buildout);
  const developed = await developPythonPackage({
    ...{ folder, developEggsDirectory, report, search, build },
    executable: executable === undefined ? settings.executable : async () => executable,
  });
  const others = buildout.developPackages.filter(
    (item) => item.kind !== "python" || item.folder !== folder,
  );
  buildout.developPackages = [...others, developed.package];
  return developed.links;
}

const real = new Map<string, string>();

/**
 * `sys.executable`, which is zc.buildout's default: what is found on the PATH may be a shim (of
 * pyenv, of asdf) that is another interpreter in another folder.
 */
async function realInterpreter(executable: string, directory: string): Promise<string> {
  const { readInterpreter } = await import("../../distributions/python/interpreter.ts");
  const found = real.get(executable) ?? readInterpreter(executable, directory).facts().executable;
  real.set(executable, found);
  return found;
}

/** Where interpreters are named, by their paths. */
const named = new Map<string, Location>();

async function namedSection(buildout: PythonBuildout, name: string, part: Section) {
  try {
    return await buildout.section(name);
  } catch (error) {
    throw error instanceof BuildoutError ? located(error, part.location("python")) : error;
  }
}

/** The interpreter of a part; see `BuildoutContext.pythonExecutable`. */
export async function findExecutable(buildout: PythonBuildout, part: Section): Promise<string> {
  const own = await buildout.section("buildout");
  const name = part.get("python") ?? own.get("python") ?? "buildout";
  const section = name === part.name ? part : await namedSection(buildout, name, part);
  const executable = section.require("executable");
  if (executable !== "") {
    const path = resolve(buildout.directory, executable);
    const place = section.location("executable");
    if (place) named.set(path, place);
    const isChosen = name !== "buildout" || place !== undefined;
    return isChosen ? path : realInterpreter(path, buildout.directory);
  }
  const { missingInterpreter } = await import("../../distributions/python/interpreter.ts");
  throw missingInterpreter(undefined, section.location("executable"));
}
