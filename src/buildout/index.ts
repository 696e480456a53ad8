export { writeFileAtomically } from "./atomic.ts";
export type { BuildoutRequest } from "./buildout.ts";
export { install } from "./install.ts";
export { loadModule, type PublicApi } from "./module.ts";
export { LEVELS, type LogSettings, type Output } from "./output.ts";
export { repr } from "./python-repr.ts";
export type { RecipeTable } from "./recipe.ts";
