import { BuildoutError, defineRecipe } from "../../src/index.ts";

/** `collective.recipe.cmd:py`: its code works on zc.buildout's own Python objects. */
export default defineRecipe({
  description: "Runs Python code (by the Python original only).",
  init(part) {
    const location = part.options.location("recipe");
    throw new BuildoutError(
      "unsupported-recipe",
      `Part '${part.name}' runs Python code inside the buildout, which takes the Python original.`,
      {
        ...(location && { location }),
        hint:
          "Leave the name to it with 'native-recipes' in [buildout], or run the code by the shell: " +
          "'recipe = collective.recipe.cmd' with 'shell = python3'.",
      },
    );
  },
  install: () => [],
});
