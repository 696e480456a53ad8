import { nativeRecipes } from "../../../recipes/index.ts";
import { VERSION } from "../../program/version.ts";
import { newRecipeText } from "../../report/new-recipe.ts";
import type { BuildoutCommand } from "./command.ts";

export const newRecipe: BuildoutCommand = {
  name: "new-recipe",
  arguments: "NAME",
  summary: "Create the package of a new recipe in TypeScript, with a test",
  details: "NAME is the name of an npm package. Its directory must not exist yet.",
  example: "new-recipe my-recipe",
  wrongArguments: "The new-recipe command requires one name.",
  async run({ args, environment }) {
    environment.write(await newRecipeCommand(args[0]!, environment.directory));
    return 0;
  },
};

/** Writes the package of a new recipe and returns the text that says what to do with it. */
async function newRecipeCommand(name: string, directory: string): Promise<string> {
  const { writeNewRecipe } = await import("../../buildout/run/new-recipe.ts");
  const isNative = (wanted: string) => nativeRecipes.has(wanted);
  const files = writeNewRecipe({ name, directory, version: VERSION, isNative });
  return newRecipeText(name, files);
}
