import { DEFAULT_OPTION_NAMES } from "../../config/merge/defaults.ts";
import { PART_DEPENDENCIES } from "../../config/syntax/parse.ts";
import type { RecipeDefinition } from "../../contract/recipe.ts";
import { didYouMean, nearest } from "../../errors/nearest.ts";
import { repr } from "../../pythonic/repr.ts";
import type { Finding } from "./finding.ts";
import type { Survey } from "./survey.ts";

/** Sections that widespread extensions and tools read, whether or not anything names them. */
const READ_BY_TOOLS = new Set(["buildout", "sources", "remotes", "branches", "networkcache"]);

/** Options of [buildout] that have no default, of the engine and of widespread recipes. */
const BUILDOUT_OPTIONS = [
  ...DEFAULT_OPTION_NAMES,
  "abi-tag-eggs",
  "develop",
  "directory",
  "download-cache",
  "extends-cache",
  "extensions",
  "include-site-packages",
  "index",
  "installer",
  "native-recipes",
  "parts",
  "relative-paths",
  "unzip",
  "verbosity",
  "versions",
];

/** Options of any section that the engine itself reads. */
const ENGINE_OPTIONS = ["recipe", "<", PART_DEPENDENCIES];

function isUsed({ configuration, referred, named, parts }: Survey, section: string): boolean {
  return (
    READ_BY_TOOLS.has(section) ||
    section === configuration.sections.get("buildout")?.get("versions") ||
    parts.includes(section) ||
    referred.has(section) ||
    named.has(section)
  );
}

const withoutDigits = (name: string) => name.replace(/\d+/g, "");

function unusedSection(survey: Survey, section: string): Finding {
  const others = [...survey.expanded.keys()].filter((name) => isUsed(survey, name));
  const meant = nearest(section, others);
  // instance, instance1 and instance2 are no misspellings of each other.
  const misspelt = meant !== undefined && withoutDigits(meant) !== withoutDigits(section);
  return {
    severity: "warning",
    code: misspelt ? "misspelt-section" : "unused-section",
    message: `Nothing uses the section ${repr(section)}.`,
    location: survey.configuration.location(section),
    hint: misspelt ? `Did you mean '${meant}'?` : undefined,
  };
}

/** The options that are known to be read, beside those that references read; undefined: unknown. */
function declared(
  survey: Survey,
  section: string,
  recipe: RecipeDefinition | undefined,
): readonly string[] | undefined {
  const { expanded, configuration, macros, named } = survey;
  const options = expanded.get(section)!;
  if (macros.has(section)) return undefined;
  if (section === "buildout") {
    const extended = options.get("extensions") ?? "";
    return extended === "" ? BUILDOUT_OPTIONS : undefined;
  }
  if (options.has("recipe")) {
    return recipe?.readsOnlyDeclared ? Object.keys(recipe.options ?? {}) : undefined;
  }
  const versions = configuration.sections.get("buildout")?.get("versions");
  const readAsAWhole = READ_BY_TOOLS.has(section) || named.has(section) || section === versions;
  return readAsAWhole ? undefined : [];
}

function unusedOptions(
  survey: Survey,
  section: string,
  recipe: RecipeDefinition | undefined,
): Finding[] {
  const known = declared(survey, section, recipe);
  if (known === undefined) return [];
  const { configuration, mentions } = survey;
  const read = new Set([...known, ...ENGINE_OPTIONS]);
  for (const mention of mentions) if (mention.section === section) read.add(mention.option);
  return [...configuration.sections.get(section)!.keys()]
    .filter((option) => !read.has(option) && !read.has(option.replace(/ *[-+]$/, "")))
    .map((option) => ({
      severity: "warning",
      code: "unused-option",
      message: `Nothing reads the option ${repr(option)} of [${section}].`,
      location: configuration.location(section, option),
      hint: didYouMean(option, known),
    }));
}

/** Sections and options that nothing uses. `recipes`: the native recipes by section. */
export function checkUse(
  survey: Survey,
  recipes: ReadonlyMap<string, RecipeDefinition>,
): Finding[] {
  return [...survey.expanded.keys()].flatMap((section) =>
    isUsed(survey, section)
      ? unusedOptions(survey, section, recipes.get(section))
      : [unusedSection(survey, section)],
  );
}
