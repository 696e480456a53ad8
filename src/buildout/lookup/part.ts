import type { Section } from "../../config/resolve/section.ts";
import type { FoundRecipe } from "../../contract/found-recipe.ts";
import type { AnyRecipe, BuildoutContext, Part, RecipeDefinition } from "../../contract/recipe.ts";
import type { Log } from "../../events/log.ts";
import { optionValues } from "../kit/values.ts";
import { type RecipeCode, recipeCode } from "./foreign-code.ts";

/** A part of the configuration with its recipe. */
export interface ConfiguredPart {
  recipe: FoundRecipe;
  part: Part;
  /** The result of the recipe's `init`. */
  prepared: unknown;
  /** For a foreign recipe in TypeScript or JavaScript. */
  code: RecipeCode | undefined;
  /** Listener for created paths, set while the part is installed. */
  creation: { note: ((paths: string[]) => string[]) | undefined };
}

/** Assembles the arguments of a recipe's functions. Throws the errors of `optionValues`. */
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
