import supervisor from "../../recipes/supervisor/index.ts";
import type { BuildoutContext, PythonDistribution } from "../../src/index.ts";
import { project } from "./engine-project.ts";

type Part = Parameters<typeof supervisor.install>[0];

/** The recipe with a ready working set, as if its packages had been installed. */
function withDistributions(found: readonly PythonDistribution[]): typeof supervisor {
  const around = (part: Part): Part => {
    const buildout: BuildoutContext = Object.create(part.buildout, {
      workingSet: { value: async () => found },
      pythonExecutable: { value: async () => "/usr/bin/python3" },
    });
    return { ...part, buildout };
  };
  return {
    ...supervisor,
    install: (part) => supervisor.install(around(part)),
    update: (part) => supervisor.update?.(around(part)),
    distributions: async () => [],
  };
}

/** A buildout with a part `supervisor` (from line 8 on) that has these options. */
export function supervisorProject(options: string, found: readonly PythonDistribution[]) {
  const cfg = `[buildout]
parts = supervisor

[zeo]
location = /z

[supervisor]
recipe = collective.recipe.supervisor
${options}`;
  return project(
    { "buildout.cfg": cfg },
    { "collective.recipe.supervisor": withDistributions(found) },
  );
}
