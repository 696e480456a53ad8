import { resolve } from "node:path";
import type { Section } from "../config/index.ts";
import type { ExtensionBuild } from "../distributions/python/custom.ts";
import type { PythonDistribution } from "../distributions/python/distribution.ts";
import { isPythonDevelopPackage } from "../distributions/python/distribution.ts";
import type { PythonInstallRequest } from "../distributions/python/request.ts";
import { BuildoutError } from "../error/index.ts";
import type { Buildout } from "./buildout.ts";
import type { PythonDevelopSettings } from "./develop.ts";
import type { WorkingSetOptions } from "./recipe.ts";

const INSTALLERS = ["auto", "pip", "uv"] as const;

/** A request for distributions, with what `[buildout]` says on how to find and install them. */
async function requestFor(
  buildout: Buildout,
  requirements: readonly string[],
  options: WorkingSetOptions,
): Promise<PythonInstallRequest> {
  const { settings, versions, directory, downloadCache, newest, offline, log } = buildout;
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
      log,
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
export async function developSettings(buildout: Buildout): Promise<PythonDevelopSettings> {
  const { directory, downloadCache, settings } = buildout;
  const { searchPlaces } = await import("../distributions/python/search.ts");
  return {
    search: searchPlaces({ ...settings.python, directory, downloadCache }),
    async executable() {
      const { executable } = settings.python;
      if (executable !== "") return resolve(directory, executable);
      const { missingInterpreter } = await import("../distributions/python/interpreter.ts");
      throw missingInterpreter(undefined);
    },
  };
}

/** See `BuildoutContext.workingSet`. */
export async function findWorkingSet(
  buildout: Buildout,
  requirements: readonly string[],
  options: WorkingSetOptions,
): Promise<PythonDistribution[]> {
  const { installPythonDistributions } = await import("../distributions/python/install.ts");
  return installPythonDistributions(await requestFor(buildout, requirements, options));
}

/** See `BuildoutContext.buildEgg`. */
export async function buildEgg(
  buildout: Buildout,
  requirement: string,
  build: ExtensionBuild,
  options: WorkingSetOptions,
): Promise<string> {
  const { buildCustomEgg } = await import("../distributions/python/custom.ts");
  return buildCustomEgg(await requestFor(buildout, [requirement], options), build);
}

/** The interpreter of a part; see `BuildoutContext.pythonExecutable`. */
export async function findExecutable(buildout: Buildout, part: Section): Promise<string> {
  const own = await buildout.section("buildout");
  const name = part.get("python") ?? own.get("python") ?? "buildout";
  const section = name === part.name ? part : await buildout.section(name);
  const executable = section.require("executable");
  if (executable !== "") return resolve(buildout.directory, executable);
  const { missingInterpreter } = await import("../distributions/python/interpreter.ts");
  throw missingInterpreter(undefined, section.location("executable"));
}
