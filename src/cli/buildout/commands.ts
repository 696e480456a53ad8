import { annotate } from "./annotate.ts";
import { bootstrap } from "./bootstrap.ts";
import type { BuildoutCommand } from "./command.ts";
import { completion } from "./completion.ts";
import { config } from "./config.ts";
import { develop } from "./develop.ts";
import { help } from "./help.ts";
import { init } from "./init.ts";
import { install } from "./install.ts";
import { lint } from "./lint.ts";
import { newRecipe } from "./new-recipe.ts";
import { query } from "./query.ts";
import { setup } from "./setup.ts";

/** The commands of `buildout` in the order in which the help lists them. */
export const COMMANDS: readonly BuildoutCommand[] = [
  install,
  bootstrap,
  init,
  annotate,
  query,
  config,
  lint,
  setup,
  newRecipe,
  develop,
  completion,
  help,
];
