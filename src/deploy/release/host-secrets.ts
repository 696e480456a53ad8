import { lstatSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import { isHostoutRecipe } from "../../buildout/secrets/host-sections.ts";
import type { Configuration } from "../../config/merge/configuration.ts";
import { splitReferences } from "../../config/resolve/reference.ts";
import type { SecretRequest } from "../../config/resolve/secret-request.ts";
import { Sections } from "../../config/resolve/sections.ts";
import { words } from "../../pythonic/text.ts";

const SECRETS = "secrets";
/** Bytes. A template is far below. */
const LARGEST = 1 << 20;

/** The secrets of a host's buildout, whose values only the deploying machine can read. */
export interface HostSecrets {
  /** All options of [secrets] that say where a value is kept. */
  places: Map<string, SecretRequest>;
  /** Those that something refers to which the host builds. */
  needed: Set<string>;
}

/**
 * Looks for references to secrets in [buildout], in the parts, and in all that these name: in whatever
 * they refer to, in sections whose name is a word of an option, and in files that one names, which may
 * be templates. No recipe is asked; what a recipe does beyond that is not known here.
 */
export function hostSecrets(
  configuration: Configuration,
  { parts, sudoParts }: { parts: readonly string[]; sudoParts: readonly string[] },
  directory: string,
): HostSecrets {
  const places = secretPlaces(configuration);
  const needed = new Set<string>();
  if (places.size === 0) return { places, needed };
  const { sections } = configuration;
  const seen = new Set<string>();
  const waiting: string[] = [];
  const need = (option: string) => {
    if (needed.has(option)) return;
    needed.add(option);
    follow(sections.get(SECRETS)?.get(option) ?? "");
  };
  const visit = (name: string) => {
    if (name === SECRETS || seen.has(name) || !sections.has(name)) return;
    seen.add(name);
    waiting.push(name);
  };
  const follow = (text: string) => {
    for (const { section, option } of references(text)) {
      if (section === SECRETS) need(option);
      else visit(section);
    }
  };
  const root = sections.get("buildout") ?? new Map<string, string>();
  for (const text of root.values()) follow(text);
  const built = parts.length > 0 ? parts : words(root.get("parts") ?? "");
  for (const name of [...built, ...sudoParts]) visit(name);
  for (let name = waiting.pop(); name !== undefined; name = waiting.pop()) {
    const options = sections.get(name)!;
    if (isHostoutRecipe(options.get("recipe"))) continue;
    for (const text of options.values()) {
      follow(text);
      for (const word of words(text)) {
        visit(word);
        follow(templateText(word, directory));
      }
    }
  }
  return { places, needed: new Set([...needed].filter((option) => places.has(option))) };
}

/** The places that [secrets] names, with their references resolved. */
function secretPlaces(configuration: Configuration): Map<string, SecretRequest> {
  const written = configuration.sections.get(SECRETS);
  if (written === undefined) return new Map();
  const stored = new Sections(configuration).resolve(SECRETS).secretPlaces();
  return new Map(
    stored.map(([option, text]) => {
      return [option, { option, text, location: configuration.location(SECRETS, option) }];
    }),
  );
}

/** Those to other sections. */
function references(text: string): { section: string; option: string }[] {
  return text.split("$$").flatMap((piece) =>
    splitReferences(piece)
      .filter((_, at) => at % 2 === 1)
      .flatMap((reference) => {
        // What is no reference is an error of the build, or means something in a file of its own.
        const [section, option, more] = reference.slice(2, -1).split(":");
        return section && option && more === undefined ? [{ section, option }] : [];
      }),
  );
}

/** The file that a word of an option names, if it is one of the project that can be a template. */
function templateText(word: string, directory: string): string {
  const name = word.replace(/^\$\{buildout:directory\}\//, "");
  if (name.includes("$") || name.includes("\0")) return "";
  const path = resolve(directory, name);
  if (!path.startsWith(`${directory}/`)) return "";
  try {
    const stats = lstatSync(path, { throwIfNoEntry: false });
    return stats?.isFile() && stats.size <= LARGEST ? readFileSync(path, "utf8") : "";
  } catch {
    // Not every word can be a name. What the build needs and cannot read is an error of the build.
    return "";
  }
}
