import type { RecipeLoader, RecipeTable } from "../src/buildout/recipe.ts";

const hostout: RecipeLoader = () => import("./hostout/index.ts") as never;
const template: RecipeLoader = () => import("./template/index.ts") as never;
const node: RecipeLoader = () => import("./node/index.ts") as never;

/** The recipes that come with this package, by every name they answer to. */
export const nativeRecipes: RecipeTable = new Map([
  ["hostout", hostout],
  ["collective.hostout", hostout],
  ["hostout:node", node],
  ["collective.recipe.template", template],
  ["collective.recipe.template:genshi", () => import("./template/genshi.ts") as never],
]);
