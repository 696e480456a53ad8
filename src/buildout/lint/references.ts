import { PART_DEPENDENCIES } from "../../config/syntax/parse.ts";
import type { Location } from "../../errors/error.ts";
import { repr, words } from "../../pythonic/text.ts";
import type { Finding } from "./finding.ts";
import type { Mention, Survey } from "./survey.ts";

/** Whether a section has a native recipe. */
type Natives = { has(section: string): boolean };

/** Whether the section is only inherited from. */
function isTemplate({ macros, named, parts, mentioned }: Survey, section: string): boolean {
  if (!macros.has(section) || named.has(section) || parts.has(section)) return false;
  return !mentioned.has(section);
}

/**
 * Recipes can set options themselves, especially `location`. So report only names that look misspelled, and
 * options of native recipes, which set few.
 */
function checkMadeOption(
  { section, option }: Mention,
  location: Location | undefined,
  hint?: string,
  native = false,
) {
  if (hint === undefined && (!native || option === "location")) return undefined;
  const certain = hint !== undefined && native;
  const finding: Finding = {
    severity: certain ? "error" : "warning",
    code: "missing-option",
    message: certain
      ? `Referenced option does not exist: ${section} ${option}`
      : `The referenced option ${repr(option)} of [${section}] is not set, unless its recipe sets it.`,
    location,
    hint,
  };
  return finding;
}

function checkMention(
  survey: Survey,
  mention: Mention,
  native: Natives,
  sections: readonly string[],
): Finding | undefined {
  const { configuration, expanded, guesser } = survey;
  const { section, option, from } = mention;
  const options = expanded.get(section);
  if (options?.has(option)) return undefined;
  const location = configuration.location(from.section, from.option);
  if (options === undefined) {
    return {
      severity: "error",
      code: "missing-section",
      message: `The referenced section, ${repr(section)}, was not defined.`,
      location,
      hint: guesser.didYouMean(section, sections),
    };
  }
  if (option === "_buildout_section_name_") return undefined;
  const hint = guesser.didYouMean(option, [...options.keys()]);
  // A section's own references are resolved before its recipe is constructed.
  if (section === from.section && isTemplate(survey, section)) return undefined;
  if (section !== from.section && options.has("recipe")) {
    return checkMadeOption(mention, location, hint, native.has(section));
  }
  return {
    severity: "error",
    code: "missing-option",
    message: `Referenced option does not exist: ${section} ${option}`,
    location,
    hint,
  };
}

function checkDependencies({ configuration, expanded, guesser }: Survey): Finding[] {
  const sections = [...expanded.keys()];
  return [...expanded].flatMap(([section, options]) =>
    words(options.get(PART_DEPENDENCIES) ?? "").flatMap((name): Finding[] => {
      if (expanded.has(name)) return [];
      return [
        {
          severity: "error",
          code: "missing-section",
          message: `The referenced section, ${repr(name)}, was not defined.`,
          location: configuration.location(section, PART_DEPENDENCIES),
          hint: guesser.didYouMean(name, sections),
        },
      ];
    }),
  );
}

function checkParts({ configuration, expanded, parts, guesser }: Survey): Finding[] {
  const sections = [...expanded.keys()];
  return [...parts].flatMap((part): Finding[] => {
    const options = expanded.get(part);
    if (options === undefined) {
      return [
        {
          severity: "error",
          code: "missing-section",
          message: `[buildout] lists the part ${repr(part)}, but there is no such section.`,
          location: configuration.location("buildout", "parts"),
          hint: guesser.didYouMean(part, sections),
        },
      ];
    }
    if (options.has("recipe")) return [];
    return [
      {
        severity: "error",
        code: "missing-option",
        message: `Missing option: ${part}:recipe`,
        location: configuration.location(part),
        hint: guesser.didYouMean("recipe", [...options.keys()]),
      },
    ];
  });
}

/** All references, dependencies and parts without a target. `native`: sections of native recipes. */
export async function checkReferences(survey: Survey, native: Natives): Promise<Finding[]> {
  const sections = [...survey.expanded.keys()];
  const found: Finding[] = [];
  for (const mention of survey.mentions) {
    await survey.pause();
    const finding = checkMention(survey, mention, native, sections);
    if (finding) found.push(finding);
  }
  return [...found, ...checkDependencies(survey), ...checkParts(survey)];
}
