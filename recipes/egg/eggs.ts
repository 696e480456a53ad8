import {
  defineRecipe,
  EGG_OPTIONS,
  eggsWorkingSet,
  initializeEggs,
  type Part,
} from "../../src/index.ts";

async function install(part: Part): Promise<string[]> {
  await eggsWorkingSet(part);
  return [];
}

export default defineRecipe({
  description: "Installs Python distributions and writes no scripts.",
  options: EGG_OPTIONS,
  readsOnlyDeclared: true,
  init: initializeEggs,
  install,
  update: install,
  settled: ({ options }) => [options.require("executable")],
  distributions: (part) => eggsWorkingSet(part),
});
