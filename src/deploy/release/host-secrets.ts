import { lstatSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import { isHostoutRecipe } from "../../buildout/secrets/host-sections.ts";
import type { Configuration } from "../../config/merge/configuration.ts";
import { splitReferences } from "../../config/resolve/reference.ts";
import type { SecretRequest } from "../../config/resolve/secret-request.ts";
import { Sections } from "../../config/resolve/sections.ts";
import { BuildoutError } from "../../errors/error.ts";
import { words } from "../../pythonic/text.ts";

const SECRETS = "secrets";
/** Bytes; templates are far smaller. */
const LARGEST = 1 << 20;

/** The secrets of a host's buildout, which only the deploying machine can read. */
export interface HostSecrets {
  /** All options of [secrets] with a source. */
  places: Map<string, SecretRequest>;
  /** Those referred to by something that the host builds. */
  needed: Set<string>;
}

/**
 * Searches for references to secrets in [buildout], in the parts, and in everything these name: sections
 * they refer to, sections whose name is a word of an option, and files named in an option, which may be
 * templates. Recipes are not asked, so other uses in a recipe are not found.
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

/** The sources named in [secrets], with references resolved. */
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
        // An invalid reference is an error of the build, or has another meaning in a file.
        const [section, option, more] = reference.slice(2, -1).split(":");
        return section && option && more === undefined ? [{ section, option }] : [];
      }),
  );
}

/** The file named by a word of an option, if it is a project file that may be a template. */
function templateText(word: string, directory: string): string {
  const name = word.replace(/^\$\{buildout:directory\}\//, "");
  if (name.includes("$") || name.includes("\0")) return "";
  const path = resolve(directory, name);
  if (!path.startsWith(`${directory}/`)) return "";
  try {
    const stats = lstatSync(path, { throwIfNoEntry: false });
    return stats?.isFile() && stats.size <= LARGEST ? readFileSync(path, "utf8") : "";
  } catch {
    // Not every word is a valid name. An unreadable file that the build needs is an error of the build.
    return "";
  }
}

/** For zc.buildout as the engine. */
export function pythonEngine(host: string, option: string): BuildoutError {
  return new BuildoutError(
    "secrets-need-node",
    `The buildout of ${host} refers to secrets:${option}, which cannot be sent to zc.buildout.`,
    {
      hint: `Let [${host}] have 'engine = node', or let its parts read the value from a file on the host.`,
    },
  );
}

/** For a release whose secret is no longer in the project. */
export function forgotten(host: string, option: string): BuildoutError {
  return new BuildoutError(
    "secret-missing",
    `The release needs secrets:${option}, which [secrets] of the project no longer has.`,
    { hint: `Add it, or deploy to ${host} a release that does not need it.` },
  );
}
