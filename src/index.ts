/** The public API for authors of recipes, plugins and fabfiles. */
export type {
  BuildoutContext,
  InstalledPaths,
  Log,
  OptionSpec,
  OptionSpecs,
  Part,
  RecipeDefinition,
} from "./buildout/recipe.ts";
export { defineRecipe } from "./buildout/recipe.ts";
export type { Section } from "./config/index.ts";
export type { DevelopPackage, Distribution, Release } from "./distributions/distribution.ts";
export { BuildoutError, didYouMean } from "./error/index.ts";
