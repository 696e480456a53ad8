import { defineRecipe, repr } from "../../src/index.ts";

/** `zc.buildout:debug`, the recipe that zc.buildout's own documents use. */
export default defineRecipe({
  description: "Prints the options of its part.",
  install({ options, buildout }) {
    for (const [option, value] of options.entries().sort(([a], [b]) => (a < b ? -1 : 1))) {
      buildout.log.info(`  ${option}=${repr(value)}`);
    }
    return [];
  },
});
