/** Finds errors and likely mistakes in a configuration without running it, for the `lint` command. */
import { existsSync, readdirSync } from "node:fs";
import { basename, dirname } from "node:path";
import type { Configuration } from "../../config/merge/configuration.ts";
import { initialize } from "../../config/resolve/initialize.ts";
import type { Section } from "../../config/resolve/section.ts";
import { Sections } from "../../config/resolve/sections.ts";
import { fromDirectory } from "../../contract/paths.ts";
import type { AnyRecipe, RecipeTable } from "../../contract/recipe.ts";
import type { ErrorCode } from "../../errors/codes.ts";
import { BuildoutError } from "../../errors/error.ts";
import { didYouMean } from "../../errors/nearest.ts";
import { repr, words } from "../../pythonic/text.ts";
import { parseRecipeName, recipeKey } from "../lookup/lookup.ts";
import { expandPattern } from "../run/develop.ts";
import { readSettings } from "../run/settings.ts";
import { errorFinding, type Finding, isBelow } from "./finding.ts";
import { checkPins } from "./pins.ts";
import { checkRecipes } from "./recipes.ts";
import { checkReferences } from "./references.ts";
import { type Survey, survey, unresolvable } from "./survey.ts";
import { checkUse } from "./unused.ts";

export { errorFinding, type Finding } from "./finding.ts";

export interface LintRequest {
  configuration: Configuration;
  /** What went wrong while it was read. */
  errors?: readonly BuildoutError[];
  /** Native recipes by name; nothing else is loaded. */
  recipes: RecipeTable;
  /**
   * The directory of the main file. Files elsewhere (URLs, user defaults, shared bases) are checked for
   * errors but not for unused settings, which other buildouts may use.
   */
  directory: string;
}

/** Errors that `checkReferences` reports better: completely, and without those that a recipe may fix. */
const FOUND_BY_REFERENCES: readonly ErrorCode[] = [
  "missing-section",
  "missing-option",
  "invalid-reference",
];

/** Errors that leave out whole files: other files make no sense without them. */
const LEAVES_OUT: readonly ErrorCode[] = [
  "missing-file",
  "unreadable-file",
  "not-utf8",
  "missing-section-header",
  "recursive-include",
  "extended-by",
  "download-failed",
  "offline",
  "missing-cache",
];

/** Errors from resolving each section separately. */
async function checkResolving(
  sections: Sections,
  started: BuildoutError | undefined,
  facts: Survey,
): Promise<Finding[]> {
  // `checkReferences` has reported the errors of these; each would repeat them.
  const known = unresolvable(facts);
  const errors = started === undefined ? [] : [started];
  for (const name of sections.names()) {
    await facts.pause();
    if (known.has(name)) continue;
    try {
      sections.resolve(name);
      // [buildout] has absolute directories by now. Of the others, most are resolved just once.
      if (name !== "buildout" && !facts.referred.has(name)) sections.forget(name);
    } catch (error) {
      if (!(error instanceof BuildoutError)) throw error;
      errors.push(error);
    }
  }
  return errors.filter(({ code }) => !FOUND_BY_REFERENCES.includes(code)).map(errorFinding);
}

async function nativeDefinitions(
  { expanded }: Survey,
  recipes: RecipeTable,
): Promise<Map<string, AnyRecipe>> {
  const found = new Map<string, AnyRecipe>();
  for (const [section, options] of expanded) {
    const recipe = options.get("recipe");
    const load = recipe === undefined ? undefined : recipes.get(recipeKey(parseRecipeName(recipe)));
    if (load) found.set(section, (await load()).default);
  }
  return found;
}

function checkRequired(
  { expanded, configuration, parts }: Survey,
  definitions: ReadonlyMap<string, AnyRecipe>,
): Finding[] {
  return [...definitions].flatMap(([section, { options = {} }]) =>
    Object.entries(options)
      .filter(([option, { required }]) => required && !expanded.get(section)!.has(option))
      .filter(() => parts.has(section))
      .map(([option]) => ({
        severity: "error" as const,
        code: "missing-option",
        message: `Missing option: ${section}:${option}`,
        location: configuration.location(section),
        hint: undefined,
      })),
  );
}

/** Problems that recipes report for their sections. */
function checkByRecipes(
  { expanded, configuration, parts }: Survey,
  definitions: ReadonlyMap<string, AnyRecipe>,
  sections: Sections,
  directory: string,
): Finding[] {
  const section = (name: string): ReadonlyMap<string, string> | undefined => {
    const raw = expanded.get(name);
    if (raw === undefined) return undefined;
    try {
      return new Map(sections.resolve(name).entries());
    } catch (error) {
      // Resolution errors are separate findings.
      if (error instanceof BuildoutError) return raw;
      throw error;
    }
  };
  const used = [...definitions].filter(([name]) => parts.has(name));
  return used.flatMap(([name, { lint: check }]) =>
    (check?.({ name, directory, section }) ?? []).map((problem) => ({
      severity: problem.severity,
      code: problem.code,
      message: problem.message,
      location:
        (problem.option && configuration.location(problem.section, problem.option)) ||
        configuration.location(problem.section),
      hint: problem.hint,
    })),
  );
}

/** Missing packages under development. Extensions may check them out, as mr.developer does. */
function checkDevelop(paths: readonly string[], { configuration }: Survey): Finding[] {
  if (configuration.sections.get("buildout")?.has("extensions")) return [];
  return paths.map((path) => {
    const parent = dirname(path);
    const others = existsSync(parent) ? readdirSync(parent) : [];
    return {
      severity: "warning",
      code: "develop-missing",
      message: `The develop path ${repr(path)} does not exist.`,
      location: configuration.location("buildout", "develop"),
      hint: didYouMean(basename(path), others),
    };
  });
}

function checkText({ duplicates, warnings }: Configuration): Finding[] {
  const twice = duplicates.map(({ section, option, file, line, firstLine }) => ({
    code: "duplicate-option" as const,
    message: `The option ${repr(option)} of [${section}] is set twice: line ${firstLine} is ignored.`,
    location: { file, line },
  }));
  return [...twice, ...warnings].map((found) => ({
    severity: "warning",
    hint: undefined,
    ...found,
  }));
}

/** Findings once each, by file and line. */
function sorted(findings: readonly Finding[]): Finding[] {
  const unique = new Map(
    findings.map((finding) => {
      const { code, message, location } = finding;
      return [[code, location?.file, location?.line, message].join("\0"), finding];
    }),
  );
  const file = ({ location }: Finding) => location?.file ?? "\uffff";
  const line = ({ location }: Finding) => location?.line ?? 0;
  return [...unique.values()].sort((a, b) => {
    if (file(a) !== file(b)) return file(a) < file(b) ? -1 : 1;
    return line(a) - line(b);
  });
}

/** All findings for a readable configuration. */
export async function lint(request: LintRequest): Promise<Finding[]> {
  const { configuration, errors = [], recipes, directory } = request;
  const read = [...errors.map(errorFinding), ...checkText(configuration)];
  if (errors.some(({ code }) => LEAVES_OUT.includes(code))) return sorted(read);
  return sorted([...read, ...(await checkMeaning({ configuration, recipes, directory }))]);
}

/** Findings for a configuration that was read completely. */
async function checkMeaning({
  configuration,
  recipes,
  directory,
}: LintRequest): Promise<Finding[]> {
  const sections = new Sections(configuration);
  let options: Section | undefined;
  let broken: BuildoutError | undefined;
  try {
    options = initialize(configuration, sections);
  } catch (error) {
    if (!(error instanceof BuildoutError)) throw error;
    broken = error;
  }
  const written = configuration.sections.get("buildout");
  const read = (option: string) => (options ? options.get(option) : written?.get(option));
  const known = (option: string) =>
    words(read(option) ?? "").filter((word) => !word.includes("${"));

  const facts = await survey(configuration, known("parts"));
  const definitions = await nativeDefinitions(facts, recipes);
  const settings = readSettings(read);
  const developed: string[] = [];
  const absent: string[] = [];
  for (const pattern of known("develop")) {
    const path = fromDirectory(settings.directory, pattern);
    const found = await expandPattern(path);
    developed.push(...found);
    if (found.length === 0 && !/[*?[]/.test(pattern)) absent.push(path);
  }
  const unused = [
    ...(await checkUse(facts, definitions)),
    ...(await checkPins(
      facts,
      {
        main: directory,
        parts: settings.partsDirectory,
        eggs: settings.eggsDirectory,
        develop: developed,
      },
      definitions,
    )),
  ];
  const places = { native: recipes, directory: settings.directory, develop: developed };
  return [
    ...(await checkResolving(sections, broken, facts)),
    ...facts.problems.map(errorFinding),
    ...(await checkReferences(facts, definitions)),
    ...checkRecipes(facts, places),
    ...checkDevelop(absent, facts),
    ...checkRequired(facts, definitions),
    ...checkByRecipes(facts, definitions, sections, settings.directory),
    ...unused.filter(({ location }) => isBelow(location, directory)),
  ];
}
