import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Configuration } from "../../config/index.ts";
import { nodeDistributions } from "../../distributions/index.ts";
import { didYouMean } from "../../error/index.ts";
import { expandPattern } from "../develop.ts";
import { fromDirectory } from "../paths.ts";
import { repr } from "../python-repr.ts";
import { splitWords } from "../values.ts";
import type { Finding } from "./finding.ts";
import type { Survey } from "./survey.ts";

/** What the engine and the installers themselves need. */
const ALWAYS_REQUIRED = ["zc.buildout", "zc.recipe.egg", "setuptools", "pip", "wheel", "hostout"];

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

/** Folders as [buildout] names them; all but the last absolute. */
export interface Folders {
  directory: string;
  parts: string;
  eggs: string;
  /** Paths and patterns of the packages under development. */
  develop: readonly string[];
}

/** Names of the packages that the configuration mentions, or that have been installed for it. */
async function requiredNames(
  { expanded, parts }: Survey,
  pins: string,
  folders: Folders,
): Promise<Set<string>> {
  const names = [...ALWAYS_REQUIRED];
  for (const [section, options] of expanded) {
    if (section === pins) continue;
    if (options.has("recipe")) names.push(section);
    for (const value of options.values()) {
      for (const word of splitWords(value)) names.push(requiredName(word) ?? "");
    }
  }
  for (const part of parts) {
    const installed = await nodeDistributions(join(folders.parts, part));
    names.push(...installed.map(({ name }) => name));
  }
  for (const egg of entries(folders.eggs)) names.push(egg.replace(/-\d.*$/, ""));
  for (const pattern of folders.develop) {
    const developed = await expandPattern(fromDirectory(folders.directory, pattern));
    names.push(...developed.flatMap(packageJsonDependencies));
  }
  return new Set(names.map(normalized));
}

function ownPins(configuration: Configuration, pins: string): string[] {
  const options = configuration.sections.get(pins)?.keys() ?? [];
  return [...options].filter((option) => option !== "<" && configuration.location(pins, option));
}

/** Pins of packages that nothing requires. */
export async function checkPins(survey: Survey, folders: Folders): Promise<Finding[]> {
  const { configuration } = survey;
  const pins = configuration.sections.get("buildout")?.get("versions") ?? "";
  const required = await requiredNames(survey, pins, folders);
  return ownPins(configuration, pins).flatMap((option): Finding[] => {
    const name = normalized(requiredName(option) ?? option);
    if (required.has(name)) return [];
    return [
      {
        severity: "warning",
        code: "unused-pin",
        message: `Nothing requires the package ${repr(option)}, which [${pins}] pins.`,
        location: configuration.location(pins, option),
        hint: didYouMean(name, required),
      },
    ];
  });
}
