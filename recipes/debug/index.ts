import { defineRecipe, type Part, repr } from "../../src/index.ts";

function printOptions({ options, buildout }: Part): void {
  for (const [option, value] of options.entries().sort(([a], [b]) => (a < b ? -1 : 1))) {
    buildout.log.info(`  ${option}=${repr(value)}`);
  }
}

/** `zc.buildout:debug`, the recipe that zc.buildout's own documents use. */
export default defineRecipe({
  description: "Prints the options of its part.",
  install(part) {
    printOptions(part);
    return [];
  },
  update: printOptions,
});
