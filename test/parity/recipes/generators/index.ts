import type fc from "fast-check";
import type { Case } from "../cases.ts";
import type { Place } from "../life.ts";
import { builds, hexagonitBuilds } from "./builds.ts";
import { shellCommand, shellCommands } from "./commands.ts";
import { crontabs } from "./crontab.ts";
import { distributions } from "./distributions.ts";
import { downloads } from "./download.ts";
import { folders } from "./folders.ts";
import { nodes } from "./node.ts";
import { checkouts, repositories } from "./sources.ts";
import { supervisors } from "./supervisor.ts";
import { templates } from "./template.ts";
import { testRunners } from "./testrunner.ts";

export interface Generator {
  readonly cases: fc.Arbitrary<Case>;
  /** Creates what all cases need, and returns assignments for each run. */
  prepare?(place: Place): readonly string[];
}

/** By the recipe's name. */
export const generators: Readonly<Record<string, Generator>> = {
  "collective.recipe.template": { cases: templates },
  "plone.recipe.command": { cases: shellCommand },
  "collective.recipe.cmd": { cases: shellCommands },
  "zc.recipe.cmmi": { cases: builds },
  "hexagonit.recipe.download": { cases: downloads },
  "hexagonit.recipe.cmmi": { cases: hexagonitBuilds },
  "collective.recipe.supervisor": { cases: supervisors, prepare: distributions },
  "zc.recipe.testrunner": { cases: testRunners, prepare: distributions },
  "mr.developer": { cases: checkouts, prepare: repositories },
  "z3c.recipe.usercrontab": { cases: crontabs },
  "gp.recipe.node": { cases: nodes },
  "z3c.recipe.mkdir": { cases: folders },
};
