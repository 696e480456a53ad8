import { BuildoutError, defineRecipe } from "../../src/index.ts";

/** `collective.recipe.template[genshi]:genshi`: its templates are Python and need Genshi itself. */
export default defineRecipe({
  description: "Genshi templates (not available yet).",
  init(part) {
    throw new BuildoutError(
      "unsupported-recipe",
      `Part '${part.name}' uses a Genshi template, which needs the Python original.`,
      {
        hint: "Use 'recipe = collective.recipe.template' with ${section:option} references instead.",
      },
    );
  },
  install: () => [],
});
