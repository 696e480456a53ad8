import type { Configuration } from "../../config/merge/configuration.ts";
import { expandMacros } from "../../config/resolve/macro.ts";
import { parseReference, type Reference, splitReferences } from "../../config/resolve/reference.ts";
import { PART_DEPENDENCIES } from "../../config/syntax/parse.ts";
import { BuildoutError } from "../../errors/error.ts";
import { Guesser } from "../../errors/nearest.ts";
import { lines, words } from "../../pythonic/text.ts";
import { pacer } from "../../system/pause.ts";

/** `${section:option}` and where it is. */
export interface Mention extends Reference {
  from: { section: string; option: string };
}

/** A survey of the sections of a configuration, without recipes. */
export interface Survey {
  configuration: Configuration;
  /** section -> option -> value, including macros. */
  expanded: ReadonlyMap<string, ReadonlyMap<string, string>>;
  /** References; those to the own section have its name, too. */
  mentions: readonly Mention[];
  /** Errors: bad references and macros. */
  problems: readonly BuildoutError[];
  /** Sections that other ones inherit from by `<`. */
  macros: ReadonlySet<string>;
  /** Sections named by a reference, a macro or a dependency in another section. */
  referred: ReadonlySet<string>;
  /** Sections named by a reference in another section. */
  mentioned: ReadonlySet<string>;
  /** The options that are referred to, as `section:option`. */
  read: ReadonlySet<string>;
  /** Sections whose name is a word in the value of an option of another section. */
  named: ReadonlySet<string>;
  /** The parts listed in [buildout]. */
  parts: ReadonlySet<string>;
  /** Candidates for suggestions. */
  guesser: Guesser;
  /** Awaited during long work. */
  pause(): Promise<void> | undefined;
}

function attempt<T>(problems: BuildoutError[], action: () => T): T | undefined {
  try {
    return action();
  } catch (error) {
    if (!(error instanceof BuildoutError)) throw error;
    problems.push(error);
    return undefined;
  }
}

/** Adds the references in the value of an option. */
function addReferences(
  mentions: Mention[],
  configuration: Configuration,
  from: Mention["from"],
  value: string,
  problems: BuildoutError[],
): void {
  const details = () => {
    const location = configuration.location(from.section, from.option);
    return location ? { location } : {};
  };
  for (const piece of value.split("$$")) {
    const texts = splitReferences(piece);
    for (let index = 1; index < texts.length; index += 2) {
      const found = attempt(problems, () => parseReference(texts[index]!, details));
      if (found === undefined) continue;
      mentions.push({ section: found.section || from.section, option: found.option, from });
    }
  }
}

/** Reads the whole configuration. `parts`: the parts of [buildout], as far as they are known. */
export async function survey(
  configuration: Configuration,
  parts: readonly string[],
): Promise<Survey> {
  const pause = pacer();
  const problems: BuildoutError[] = [];
  const mentions: Mention[] = [];
  const expanded = new Map<string, ReadonlyMap<string, string>>();
  const macros = new Set<string>();
  const referred = new Set<string>();
  const named = new Set<string>();
  for (const [section, raw] of configuration.sections) {
    await pause();
    const inherited = raw.get("<");
    for (const macro of inherited === undefined ? [] : lines(inherited)) {
      macros.add(macro);
      referred.add(macro);
    }
    const options = attempt(problems, () => expandMacros(configuration, section, raw)) ?? raw;
    expanded.set(section, options);
    const dependencies = options.get(PART_DEPENDENCIES);
    for (const name of dependencies === undefined ? [] : words(dependencies)) referred.add(name);
    for (const [option, value] of options) {
      if (value.includes("${")) {
        addReferences(mentions, configuration, { section, option }, value, problems);
      }
      for (const word of value.match(/[^\s,;:=|]+/g) ?? []) {
        if (word !== section && configuration.sections.has(word)) named.add(word);
      }
    }
  }
  const mentioned = new Set<string>();
  const read = new Set<string>();
  for (const { from, section, option } of mentions) {
    if (from.section !== section) mentioned.add(section);
    read.add(`${section}:${option}`);
  }
  for (const section of mentioned) referred.add(section);
  return {
    ...{ configuration, expanded, mentions, problems, macros, referred, mentioned, read, named },
    parts: new Set(parts),
    guesser: new Guesser(),
    pause,
  };
}

/** Sections with a broken reference, and those that depend on them. */
export function unresolvable({ expanded, mentions }: Survey): Set<string> {
  const found = new Set<string>();
  for (const { from, section, option } of mentions) {
    const isThere = expanded.get(section)?.has(option) || option === "_buildout_section_name_";
    if (!isThere) found.add(from.section);
  }
  if (found.size === 0) return found;
  const users = new Map<string, string[]>();
  for (const { from, section } of mentions) {
    const known = users.get(section);
    if (known === undefined) users.set(section, [from.section]);
    else known.push(from.section);
  }
  // The set grows during iteration.
  for (const section of found) for (const user of users.get(section) ?? []) found.add(user);
  return found;
}
