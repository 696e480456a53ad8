import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Configuration } from "../../config/merge/configuration.ts";
import type { AnyRecipe } from "../../contract/recipe.ts";
import { nodeDistributions } from "../../distributions/node/lockfile.ts";
import { repr, words } from "../../pythonic/text.ts";
import { type Finding, isBelow } from "./finding.ts";
import type { Survey } from "./survey.ts";

/** Packages that the engine and the installers need. */
const ALWAYS_REQUIRED = ["zc.buildout", "zc.recipe.egg", "setuptools", "pip", "wheel", "hostout"];

/** More unexplained pins than this are reported as one finding, while dependencies are unknown. */
const MANY = 10;

/** Normalizes a Python package name (PEP 503). */
function normalized(name: string): string {
  return name.toLowerCase().replace(/[-_.]+/g, "-");
}

/** The name at the head of a requirement: `name[extra]>=1`, `@scope/name@^1`, `name:entry`. */
function requiredName(word: string): string | undefined {
  return /^@?\w[\w.-]*(?:\/[\w.-]+)?/.exec(word)?.[0];
}

function entries(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return []; // Nothing installed yet.
  }
}

function packageJsonDependencies(folder: string): string[] {
  try {
    const manifest = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
    return ["dependencies", "optionalDependencies", "peerDependencies"].flatMap((key) =>
      Object.keys(manifest[key] ?? {}),
    );
  } catch {
    return []; // `develop` itself reports its problems.
  }
}

/** Folders, absolute. */
export interface Folders {
  /** Of the main file: pins elsewhere may belong to other buildouts. */
  main: string;
  parts: string;
  eggs: string;
  /** Of the packages under development. */
  develop: readonly string[];
}

/** Packages that require others, by name, and whether the list is complete. */
interface Required {
  names: Set<string>;
  /** False if there may be dependencies that are unknown before installation. */
  complete: boolean;
}

/** The packages mentioned in the configuration or installed for it. */
async function findRequired(
  { expanded, parts }: Survey,
  pins: string,
  folders: Folders,
  recipes: ReadonlyMap<string, AnyRecipe>,
): Promise<Required> {
  const names = [...ALWAYS_REQUIRED];
  for (const [section, options] of expanded) {
    if (section === pins) continue;
    if (options.has("recipe")) names.push(section);
    for (const value of options.values()) {
      for (const word of words(value)) names.push(requiredName(word) ?? "");
    }
  }
  let complete = parts.size > 0;
  const made = new Set(entries(folders.parts));
  for (const part of parts) {
    // There may be many parts that are not installed yet.
    const [folder = part] = part.split("/");
    const installed = made.has(folder) ? await nodeDistributions(join(folders.parts, part)) : [];
    names.push(...installed.map(({ name }) => name));
    const recipe = recipes.get(part);
    const installs = recipe === undefined || recipe.distributions !== undefined;
    if (installs && installed.length === 0) complete = false;
  }
  for (const egg of entries(folders.eggs)) names.push(egg.replace(/-\d.*$/, ""));
  names.push(...folders.develop.flatMap(packageJsonDependencies));
  return { names: new Set(names.map(normalized)), complete };
}

function ownPins(configuration: Configuration, pins: string, folder: string): string[] {
  const options = configuration.sections.get(pins)?.keys() ?? [];
  return [...options].filter(
    (option) => option !== "<" && isBelow(configuration.location(pins, option), folder),
  );
}

/** One finding for many pins, most of which are probably indirect requirements. */
function manyPins(configuration: Configuration, pins: string, unused: readonly string[]): Finding {
  const first = unused.slice(0, 3).map(repr).join(", ");
  return {
    severity: "warning",
    code: "unused-pin",
    message: `[${pins}] pins ${unused.length} packages that nothing requires: ${first} and others.`,
    location: configuration.location(pins, unused[0]!),
    hint: "Indirect requirements are only known after the parts are installed.",
  };
}

/** Pins of packages that nothing requires. `recipes`: the native recipes by section. */
export async function checkPins(
  survey: Survey,
  folders: Folders,
  recipes: ReadonlyMap<string, AnyRecipe>,
): Promise<Finding[]> {
  const { configuration } = survey;
  const pins = configuration.sections.get("buildout")?.get("versions") ?? "";
  const own = ownPins(configuration, pins, folders.main);
  if (own.length === 0) return [];
  const { names, complete } = await findRequired(survey, pins, folders, recipes);
  const nameOf = (option: string) => normalized(requiredName(option) ?? option);
  const unused = own.filter((option) => !names.has(nameOf(option)));
  if (!complete && unused.length > MANY) return [manyPins(configuration, pins, unused)];
  const known = [...names];
  return unused.map((option) => ({
    severity: "warning",
    code: "unused-pin",
    message: `Nothing requires the package ${repr(option)}, which [${pins}] pins.`,
    location: configuration.location(pins, option),
    hint: survey.guesser.didYouMean(nameOf(option), known),
  }));
}
