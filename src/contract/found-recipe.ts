import type { AnyRecipe } from "./recipe.ts";

/** The code behind `recipe = NAME[:ENTRY]`. */
export interface FoundRecipe {
  definition: AnyRecipe;
  entry: string;
  /** The file or folder of a recipe that somebody wrote in TypeScript or JavaScript. */
  source?: string;
  /** Changes when the recipe's code does: a part with another signature is installed anew. */
  signature(): string;
}
