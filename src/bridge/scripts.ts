import type { PythonDistribution } from "../distributions/python/python-distribution.ts";
import type { Log } from "../events/log.ts";

/** The arguments of `zc.buildout.easy_install.scripts`. */
interface Asked {
  requirements: string[];
  entryPoints: [name: string, module: string, attributes: string][];
  distributions: Omit<PythonDistribution, "kind">[];
  executable: string;
  destination: string;
  scripts: Record<string, string> | null;
  extraPaths: string[];
  arguments: string;
  interpreter: string | null;
  initialization: string;
  relativePaths: string | null;
  template: string | null;
}

/** Answers `zc.buildout.easy_install.scripts`: the paths of the scripts. */
export function scriptsHandler(log: Log) {
  return async (asked: Asked): Promise<string[]> => {
    const { writeScripts } = await import("../distributions/python/scripts/scripts.ts");
    return writeScripts({
      distributions: asked.distributions.map((item) => ({ kind: "python", ...item })),
      requirements: asked.requirements,
      entryPoints: asked.entryPoints.map(([name, module, attributes]) => ({
        ...{ name, module, attributes },
        extras: [],
      })),
      dependentScripts: false,
      scripts: asked.scripts === null ? undefined : new Map(Object.entries(asked.scripts)),
      interpreter: asked.interpreter ?? undefined,
      executable: asked.executable,
      binDirectory: asked.destination,
      extraPaths: asked.extraPaths,
      initialization: asked.initialization,
      arguments: asked.arguments,
      relativePaths: asked.relativePaths ?? undefined,
      template: asked.template ?? undefined,
      log,
    });
  };
}
