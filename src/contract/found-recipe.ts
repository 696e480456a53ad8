import type { AnyRecipe } from "./recipe.ts";

/** The code behind `recipe = NAME[:ENTRY]`. */
export interface FoundRecipe {
  definition: AnyRecipe;
  entry: string;
  /** The file or directory of a foreign recipe in TypeScript or JavaScript. */
  source?: string;
  /** Changes with the recipe's code: a part with another signature is reinstalled. */
  signature(): string;
}
