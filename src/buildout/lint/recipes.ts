import { existsSync } from "node:fs";
import { resolve } from "node:path";
import type { RecipeTable } from "../../contract/recipe.ts";
import { BuildoutError } from "../../errors/error.ts";
import { didYouMean, nearest } from "../../errors/nearest.ts";
import { repr } from "../../pythonic/text.ts";
import { findInstalledPackage, readEnginePackage } from "../kit/packages.ts";
import { isFilePath, parseRecipeName, type RecipeName, recipeKey } from "../lookup/lookup.ts";
import { errorFinding, type Finding } from "./finding.ts";
import type { Survey } from "./survey.ts";

/** Where to look for recipes, in addition to native ones. */
export interface RecipePlaces {
  native: RecipeTable;
  /** The buildout directory. */
  directory: string;
  /** Folders of the packages under development. */
  develop: readonly string[];
}

/** The native recipe whose name differs in only one word between dots. */
function misspelled(name: string, native: RecipeTable): string | undefined {
  const words = name.split(".");
  return [...native.keys()].find((key) => {
    const others = key.split(".");
    const different = words.filter((word, i) => word !== others[i]);
    const [word] = different;
    if (others.length !== words.length || word === undefined || different.length > 1) return false;
    return nearest(word, [others[words.indexOf(word)]!]) !== undefined;
  });
}

function isPackageRecipe({ name, entry }: RecipeName, places: RecipePlaces): boolean {
  const developed = places.develop.map((folder) => readEnginePackage(folder));
  const found =
    developed.find((each) => each?.name === name) ?? findInstalledPackage(places.directory, name);
  return found?.recipes.has(entry) === true;
}

/** The problem with the name of a recipe; Python distributions can have any valid name. */
function problem(
  recipe: string,
  places: RecipePlaces,
): Pick<Finding, "severity" | "code" | "message" | "hint"> | undefined {
  const { native, directory } = places;
  const parsed = parseRecipeName(recipe);
  const { name } = parsed;
  const error = (message: string, hint?: string) =>
    ({ severity: "error", code: "missing-recipe", message, hint }) as const;
  if (isFilePath(name)) {
    const file = resolve(directory, name);
    return existsSync(file) ? undefined : error(`There is no ${file}.`);
  }
  if (native.has(recipeKey(parsed)) || isPackageRecipe(parsed, places)) return undefined;
  const missing = `Couldn't find a recipe for ${repr(recipe)}.`;
  if (name === "hostout") return error(missing, didYouMean(recipeKey(parsed), native.keys()));
  if (/^@|\//.test(name)) return error(missing, `Install its package: npm install ${name}`);
  const meant = native.has(name) ? undefined : misspelled(name, native);
  if (meant === undefined) return undefined;
  return {
    severity: "warning",
    code: "unknown-recipe",
    message: `This package has no recipe ${repr(recipe)}.`,
    hint: `Did you mean '${meant}'?`,
  };
}

/** Recipes that a run would not find, as far as that can be known without loading any. */
export function checkRecipes(survey: Survey, places: RecipePlaces): Finding[] {
  const { configuration, expanded, parts, referred, macros } = survey;
  return [...expanded].flatMap(([section, options]) => {
    const recipe = options.get("recipe");
    const isUsed = parts.has(section) || (referred.has(section) && !macros.has(section));
    if (!recipe || recipe.includes("${") || !isUsed) return [];
    try {
      const found = problem(recipe, places);
      const location = configuration.location(section, "recipe");
      return found === undefined ? [] : [{ ...found, location }];
    } catch (error) {
      // A package.json that cannot be read.
      if (!(error instanceof BuildoutError)) throw error;
      return [errorFinding(error)];
    }
  });
}
