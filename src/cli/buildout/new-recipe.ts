import { dirname } from "node:path";
import { nativeRecipes } from "../../../recipes/index.ts";
import { writeNewRecipe } from "../../buildout/run/new-recipe.ts";
import { BuildoutError } from "../../errors/error.ts";
import { VERSION } from "../version.ts";

/**
 * `buildout new-recipe NAME`: the package of a new recipe, and what to do with it. Returns the text
 * to show. Throws `usage` and what `writeNewRecipe` throws.
 */
export function newRecipeCommand(args: readonly string[], directory: string): string {
  const [name, ...others] = args;
  if (name === undefined || others.length > 0) {
    throw new BuildoutError("usage", "The new-recipe command requires one name.", {
      hint: "buildout new-recipe NAME",
    });
  }
  const isNative = (wanted: string) => nativeRecipes.has(wanted);
  const files = writeNewRecipe({ name, directory, version: VERSION, isNative });
  const folder = dirname(files[0]!);
  return `Created the recipe package '${name}':
${files.map((file) => `  ${file}\n`).join("")}
Test it:

  cd ${folder}
  npm install
  npm test

Use it in a buildout:

  [buildout]
  develop = ${folder}
  parts = hello

  [hello]
  recipe = ${name}
  name = world

docs/writing-recipes.md of hostout tells all that a recipe can do.
`;
}
