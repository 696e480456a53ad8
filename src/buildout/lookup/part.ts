import type { Section } from "../../config/resolve/section.ts";
import type { FoundRecipe } from "../../contract/found-recipe.ts";
import type { AnyRecipe, BuildoutContext, Part, RecipeDefinition } from "../../contract/recipe.ts";
import type { Log } from "../../events/log.ts";
import { optionValues } from "../kit/values.ts";
import { type RecipeCode, recipeCode } from "./foreign-code.ts";

/** A part that the configuration names, with its recipe. */
export interface ConfiguredPart {
  recipe: FoundRecipe;
  part: Part;
  /** What the recipe's `init` returned. */
  prepared: unknown;
  /** Of a recipe in TypeScript or JavaScript that is not ours. */
  code: RecipeCode | undefined;
  /** Whoever wants to know of created paths: set while the part is installed. */
  creation: { note: ((paths: string[]) => string[]) | undefined };
}

/** Puts together what a recipe's functions are given. Throws what `optionValues` throws. */
export async function configurePart(
  section: Section,
  recipe: FoundRecipe,
  buildout: BuildoutContext,
  log: Log,
): Promise<ConfiguredPart> {
  const specs = recipe.definition.options ?? {};
  const values = await optionValues(section, specs, buildout.directory);
  const creation: ConfiguredPart["creation"] = { note: undefined };
  const part: Part = {
    name: section.name,
    entry: recipe.entry,
    options: section,
    values,
    buildout,
    log,
    created(...paths) {
      if (creation.note) return creation.note(paths);
      throw new TypeError(
        `Attempt to register a created path while not installing: ${section.name}`,
      );
    },
  };
  const code = recipeCode(recipe, section.get("recipe") ?? "", section.name);
  return { recipe, part, prepared: undefined, code, creation };
}

/** A recipe together with what its `init` returned for a part. */
export function preparedRecipe(definition: AnyRecipe, prepared: unknown): RecipeDefinition {
  const { description, update, uninstall, distributions } = definition;
  return {
    description,
    install: (part) => definition.install(part, prepared),
    ...(update && { update: (part) => definition.update!(part, prepared) }),
    ...(uninstall && {
      uninstall: (name, options, log) => definition.uninstall!(name, options, log),
    }),
    ...(distributions && { distributions: (part) => definition.distributions!(part, prepared) }),
  };
}
