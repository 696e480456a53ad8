import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Configuration } from "../../config/merge/configuration.ts";
import type { AnyRecipe } from "../../contract/recipe.ts";
import { nodeDistributions } from "../../distributions/node/lockfile.ts";
import { repr, words } from "../../pythonic/text.ts";
import { type Finding, isBelow } from "./finding.ts";
import type { Survey } from "./survey.ts";

/** What the engine and the installers themselves need. */
const ALWAYS_REQUIRED = ["zc.buildout", "zc.recipe.egg", "setuptools", "pip", "wheel", "hostout"];

/** More unexplained pins than this are told as one, while it is not known what packages need. */
const MANY = 10;

/** One spelling for all that Python takes for the same name (PEP 503). */
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
    return []; // `develop` itself tells what is wrong with it.
  }
}

/** Folders, absolute. */
export interface Folders {
  /** Of the main file: pins that stand elsewhere are other buildouts', too. */
  main: string;
  parts: string;
  eggs: string;
  /** Of the packages under development. */
  develop: readonly string[];
}

/** What needs packages: by name, and whether that is all there is. */
interface Required {
  names: Set<string>;
  /** False where packages may need others that are not known before they are installed. */
  complete: boolean;
}

/** The packages that the configuration mentions, or that have been installed for it. */
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
    // There may be many parts, of which none was made yet.
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

/** One finding for so many pins that most of them will be of packages that other ones need. */
function manyPins(configuration: Configuration, pins: string, unused: readonly string[]): Finding {
  const first = unused.slice(0, 3).map(repr).join(", ");
  return {
    severity: "warning",
    code: "unused-pin",
    message: `[${pins}] pins ${unused.length} packages that nothing names: ${first} and others.`,
    location: configuration.location(pins, unused[0]!),
    hint: "Which of them others need is known once the parts are installed.",
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
  const { names, complete } = await findRequired(survey, pins, folders, recipes);
  const nameOf = (option: string) => normalized(requiredName(option) ?? option);
  const own = ownPins(configuration, pins, folders.main);
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
