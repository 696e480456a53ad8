import type { ExtensionTable } from "../src/contract/extension.ts";
import type { RecipeLoader, RecipeTable } from "../src/contract/recipe.ts";
import type { Run } from "./mr-developer/extension.ts";

const hostout: RecipeLoader = () => import("./hostout/index.ts") as never;
const template: RecipeLoader = () => import("./template/index.ts") as never;
const egg: RecipeLoader = () => import("./egg/index.ts") as never;
const node: RecipeLoader = () => import("./node/index.ts") as never;

/** The recipes that come with this package, by every name they answer to. */
export const nativeRecipes: RecipeTable = new Map([
  ["hostout", hostout],
  ["collective.hostout", hostout],
  ["hostout:node", node],
  ["zc.recipe.egg", egg],
  ["zc.recipe.egg:script", egg],
  ["zc.recipe.egg:scripts", egg],
  ["zc.recipe.egg:eggs", () => import("./egg/eggs.ts") as never],
  ["zc.recipe.egg:custom", () => import("./egg/custom.ts") as never],
  ["zc.recipe.egg:develop", () => import("./egg/develop.ts") as never],
  ["zc.buildout:debug", () => import("./debug/index.ts") as never],
  ["gocept.recipe.env", () => import("./environment/index.ts") as never],
  ["z3c.recipe.mkdir", () => import("./mkdir/index.ts") as never],
  ["z3c.recipe.usercrontab", () => import("./usercrontab/index.ts") as never],
  ["zc.recipe.testrunner", () => import("./testrunner/index.ts") as never],
  ["collective.recipe.omelette", () => import("./omelette/index.ts") as never],
  ["collective.recipe.template", template],
  ["collective.recipe.template:genshi", () => import("./template/genshi.ts") as never],
  ["collective.recipe.supervisor", () => import("./supervisor/index.ts") as never],
  ["zc.recipe.cmmi", () => import("./cmmi/index.ts") as never],
  ["hexagonit.recipe.cmmi", () => import("./cmmi/hexagonit.ts") as never],
  ["gp.recipe.node", () => import("./gp-node/index.ts") as never],
  ["plone.recipe.command", () => import("./command/index.ts") as never],
  ["collective.recipe.cmd", () => import("./cmd/index.ts") as never],
  ["collective.recipe.cmd:sh", () => import("./cmd/index.ts") as never],
  ["collective.recipe.cmd:py", () => import("./cmd/python.ts") as never],
  ["hexagonit.recipe.download", () => import("./download/index.ts") as never],
  ["mr.developer", () => import("./mr-developer/index.ts") as never],
]);

/** The extensions that come with this package, for one run of the command. */
export function nativeExtensions(run: Run): ExtensionTable {
  return new Map([
    ["mr.developer", async () => (await import("./mr-developer/extension.ts")).mrDeveloper(run)],
  ]);
}
