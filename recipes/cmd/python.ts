import { BuildoutError, defineRecipe } from "../../src/index.ts";

/** `collective.recipe.cmd:py`: its code works on zc.buildout's own Python objects. */
export default defineRecipe({
  description: "Runs Python code (only in the Python original).",
  init(part) {
    const location = part.options.location("recipe");
    throw new BuildoutError(
      "unsupported-recipe",
      `Part '${part.name}' runs Python code inside the buildout, which needs the Python original.`,
      {
        ...(location && { location }),
        hint:
          "Exclude the name with 'native-recipes' in [buildout], or run the code in the shell: " +
          "'recipe = collective.recipe.cmd' with 'shell = python3'.",
      },
    );
  },
  install: () => [],
});
