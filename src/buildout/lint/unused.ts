import { DEFAULT_OPTION_NAMES } from "../../config/merge/defaults.ts";
import { PART_DEPENDENCIES } from "../../config/syntax/parse.ts";
import type { AnyRecipe } from "../../contract/recipe.ts";
import { repr } from "../../pythonic/text.ts";
import type { Finding } from "./finding.ts";
import type { Survey } from "./survey.ts";

/** Sections read by common extensions and tools, even if nothing refers to them. */
const READ_BY_TOOLS = new Set(["buildout", "sources", "remotes", "branches", "networkcache"]);

/** Options of [buildout] without a default, of the engine and of common recipes. */
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
    parts.has(section) ||
    referred.has(section) ||
    named.has(section)
  );
}

const withoutDigits = (name: string) => name.replace(/\d+/g, "");

function unusedSection(survey: Survey, section: string, others: readonly string[]): Finding {
  const meant = survey.guesser.nearest(section, others);
  // instance, instance1 and instance2 are not misspellings of each other.
  const misspelled = meant !== undefined && withoutDigits(meant) !== withoutDigits(section);
  return {
    severity: "warning",
    code: misspelled ? "misspelt-section" : "unused-section",
    message: `Nothing uses the section ${repr(section)}.`,
    location: survey.configuration.location(section),
    hint: misspelled ? `Did you mean '${meant}'?` : undefined,
  };
}

/** The options known to be read, besides those that are referred to; undefined if unknown. */
function declared(
  survey: Survey,
  section: string,
  recipe: AnyRecipe | undefined,
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

function unusedOptions(survey: Survey, section: string, recipe: AnyRecipe | undefined): Finding[] {
  const known = declared(survey, section, recipe);
  if (known === undefined) return [];
  const { configuration, guesser, read } = survey;
  const ours = new Set([...known, ...ENGINE_OPTIONS]);
  const isRead = (option: string) => ours.has(option) || read.has(`${section}:${option}`);
  return [...configuration.sections.get(section)!.keys()]
    .filter((option) => !isRead(option) && !isRead(option.replace(/ *[-+]$/, "")))
    .map((option) => ({
      severity: "warning",
      code: "unused-option",
      message: `Nothing reads the option ${repr(option)} of [${section}].`,
      location: configuration.location(section, option),
      hint: guesser.didYouMean(option, known),
    }));
}

/** Options that are almost those of a recipe that reads others, too. */
function misspelledOptions(
  { configuration, read, guesser }: Survey,
  section: string,
  recipe: AnyRecipe | undefined,
): Finding[] {
  const known = Object.keys(recipe?.options ?? {});
  if (recipe?.readsOnlyDeclared || known.length === 0) return [];
  return [...configuration.sections.get(section)!.keys()].flatMap((option): Finding[] => {
    if (known.includes(option) || ENGINE_OPTIONS.includes(option)) return [];
    if (read.has(`${section}:${option}`)) return [];
    const meant = guesser.nearest(option, known);
    if (meant === undefined || configuration.sections.get(section)!.has(meant)) return [];
    return [
      {
        severity: "warning",
        code: "unused-option",
        message: `The option ${repr(option)} of [${section}] is unknown to its recipe.`,
        location: configuration.location(section, option),
        hint: `Did you mean '${meant}'?`,
      },
    ];
  });
}

/** Invalid Boolean options of native recipes. */
function wrongBooleans(
  { configuration, expanded }: Survey,
  section: string,
  recipe: AnyRecipe | undefined,
): Finding[] {
  return Object.entries(recipe?.options ?? {}).flatMap(([option, { type }]): Finding[] => {
    const value = expanded.get(section)?.get(option);
    if (type !== "boolean" || value === undefined) return [];
    if (value.includes("${") || value === "true" || value === "false") return [];
    return [
      {
        severity: "error",
        code: "invalid-value",
        message: `Invalid value for ${repr(option)} option: ${repr(value)}`,
        location: configuration.location(section, option),
        hint: "It must be 'true' or 'false'.",
      },
    ];
  });
}

/** Sections and options that nothing uses. `recipes`: the native recipes by section. */
export async function checkUse(
  survey: Survey,
  recipes: ReadonlyMap<string, AnyRecipe>,
): Promise<Finding[]> {
  const names = [...survey.expanded.keys()];
  const used = names.filter((name) => isUsed(survey, name));
  const found: Finding[] = [];
  for (const section of names) {
    await survey.pause();
    const recipe = recipes.get(section);
    if (!isUsed(survey, section)) found.push(unusedSection(survey, section, used));
    else {
      found.push(
        ...unusedOptions(survey, section, recipe),
        ...misspelledOptions(survey, section, recipe),
        ...wrongBooleans(survey, section, recipe),
      );
    }
  }
  return found;
}
