import type { ExtensionTable } from "../src/contract/extension.ts";
import type { RecipeLoader, RecipeTable } from "../src/contract/recipe.ts";
import type { Run } from "./mr-developer/extension.ts";

const hostout: RecipeLoader = () => import("./hostout/index.ts");
const template: RecipeLoader = () => import("./template/index.ts");
const egg: RecipeLoader = () => import("./egg/index.ts");
const node: RecipeLoader = () => import("./node/index.ts");

/** The recipes that come with this package, by all their names. */
export const nativeRecipes: RecipeTable = new Map([
  ["hostout", hostout],
  ["collective.hostout", hostout],
  ["hostout:node", node],
  ["zc.recipe.egg", egg],
  ["zc.recipe.egg:script", egg],
  ["zc.recipe.egg:scripts", egg],
  ["zc.recipe.egg:eggs", () => import("./egg/eggs.ts")],
  ["zc.recipe.egg:custom", () => import("./egg/custom.ts")],
  ["zc.recipe.egg:develop", () => import("./egg/develop.ts")],
  ["zc.buildout:debug", () => import("./debug/index.ts")],
  ["gocept.recipe.env", () => import("./environment/index.ts")],
  ["z3c.recipe.mkdir", () => import("./mkdir/index.ts")],
  ["z3c.recipe.usercrontab", () => import("./usercrontab/index.ts")],
  ["zc.recipe.testrunner", () => import("./testrunner/index.ts")],
  ["collective.recipe.omelette", () => import("./omelette/index.ts")],
  ["collective.recipe.template", template],
  ["collective.recipe.template:genshi", () => import("./template/genshi.ts")],
  ["collective.recipe.supervisor", () => import("./supervisor/index.ts")],
  ["zc.recipe.cmmi", () => import("./cmmi/index.ts")],
  ["hexagonit.recipe.cmmi", () => import("./cmmi/hexagonit.ts")],
  ["gp.recipe.node", () => import("./gp-node/index.ts")],
  ["plone.recipe.command", () => import("./command/index.ts")],
  ["collective.recipe.cmd", () => import("./cmd/index.ts")],
  ["collective.recipe.cmd:sh", () => import("./cmd/index.ts")],
  ["collective.recipe.cmd:py", () => import("./cmd/python.ts")],
  ["hexagonit.recipe.download", () => import("./download/index.ts")],
  ["mr.developer", () => import("./mr-developer/index.ts")],
]);

/** The extensions that come with this package, for one run of the command. */
export function nativeExtensions(run: Run): ExtensionTable {
  return new Map([
    ["mr.developer", async () => (await import("./mr-developer/extension.ts")).mrDeveloper(run)],
  ]);
}
