import { during } from "../../contract/during.ts";
import type { FoundRecipe } from "../../contract/found-recipe.ts";
import { BuildoutError } from "../../errors/error.ts";
import { recipeCode } from "../lookup/foreign-code.ts";
import { callRecipe } from "../lookup/recipe-call.ts";
import { type InstalledPart, recordedOptions } from "../record/installed.ts";
import { installedPaths } from "../record/installed-paths.ts";
import { removePaths } from "../record/removal.ts";
import type { Buildout } from "./buildout.ts";

/** The recipe that a part was installed with, which may no longer exist. */
async function formerRecipe(
  buildout: Buildout,
  name: string,
  installed: InstalledPart,
): Promise<FoundRecipe | undefined> {
  const recipe = installed.options.get("recipe");
  if (recipe === undefined) return undefined;
  try {
    return await buildout.findRecipe(recipe);
  } catch (error) {
    if (!(error instanceof BuildoutError)) throw error;
    const { message } = error;
    buildout.report({ type: "part-recipe-gone", part: name, recipe, message });
    return undefined;
  }
}

/** Runs the recipe's uninstall code, then deletes the paths that the part owns. */
export async function uninstallPart(
  buildout: Buildout,
  name: string,
  installed: InstalledPart,
  reason: "changed" | "unwanted",
): Promise<void> {
  await during(`Uninstalling ${name}.`, async () => {
    buildout.report({ type: "part-uninstalling", part: name, reason });
    const found = await formerRecipe(buildout, name, installed);
    const definition = found?.definition;
    let { paths } = installed;
    if (definition?.uninstall) {
      buildout.report({ type: "part-uninstall-recipe", part: name });
      const code = recipeCode(found!, installed.options.get("recipe") ?? "", name);
      const uninstall = async () =>
        installedPaths(
          await definition.uninstall?.(name, recordedOptions(installed), buildout.logger(name)),
          "uninstall",
        );
      paths = (await callRecipe(buildout.calls, uninstall, code)) ?? paths;
    }
    removePaths(paths, buildout.directory);
    buildout.report({ type: "part-uninstalled", part: name });
  });
}
