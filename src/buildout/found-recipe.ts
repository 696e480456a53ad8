import type { RecipeDefinition } from "./recipe.ts";

/** The code behind `recipe = NAME[:ENTRY]`. */
export interface FoundRecipe {
  definition: RecipeDefinition;
  entry: string;
  /** Changes when the recipe's code does: a part with another signature is installed anew. */
  signature(): string;
}
