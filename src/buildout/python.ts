import { resolve } from "node:path";
import type { Section } from "../config/index.ts";
import type { PythonDistribution } from "../distributions/python/distribution.ts";
import { isPythonDevelopPackage } from "../distributions/python/distribution.ts";
import { BuildoutError } from "../error/index.ts";
import type { Buildout } from "./buildout.ts";
import type { WorkingSetOptions } from "./recipe.ts";
import { splitLines, splitWords } from "./values.ts";

const INSTALLERS = ["auto", "pip", "uv"] as const;

/** Asks for Python distributions with what `[buildout]` says on how to find and install them. */
export async function findWorkingSet(
  buildout: Buildout,
  requirements: readonly string[],
  options: WorkingSetOptions,
): Promise<PythonDistribution[]> {
  const settings = await buildout.section("buildout");
  const written = settings.get("installer") ?? "auto";
  const installer = INSTALLERS.find((name) => name === written);
  if (installer === undefined) {
    const location = settings.location("installer");
    throw new BuildoutError("invalid-value", `Invalid value for 'installer' option: '${written}'`, {
      ...(location && { location }),
      hint: `It is one of ${INSTALLERS.join(", ")}.`,
    });
  }
  const { installPythonDistributions } = await import("../distributions/python/install.ts");
  const index = options.index ?? settings.get("index");
  return installPythonDistributions({
    requirements,
    executable: options.executable ?? resolve(buildout.directory, settings.require("executable")),
    eggsDirectory: options.eggsDirectory ?? buildout.eggsDirectory,
    developEggsDirectory: options.developEggsDirectory ?? buildout.developEggsDirectory,
    developPackages: buildout.developPackages.filter(isPythonDevelopPackage),
    versions: buildout.versions,
    ...(options.provided && { provided: options.provided }),
    findLinks: options.findLinks ?? splitWords(settings.get("find-links") ?? ""),
    index: index === "" ? undefined : index,
    allowHosts: splitLines(settings.get("allow-hosts") ?? "*").flatMap(splitWords),
    newest: buildout.newest,
    offline: buildout.offline,
    preferFinal: settings.get("prefer-final") !== "false",
    allowPicked: settings.get("allow-picked-versions") !== "false",
    installFromCache: settings.get("install-from-cache") === "true",
    downloadCache: buildout.downloadCache,
    installer,
    asker: options.asker ?? "buildout",
    directory: buildout.directory,
    log: buildout.log,
  });
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
