import type { Configuration } from "../../config/merge/configuration.ts";
import { expandMacros } from "../../config/resolve/macro.ts";
import { parseReference, type Reference, splitReferences } from "../../config/resolve/reference.ts";
import { PART_DEPENDENCIES } from "../../config/syntax/parse.ts";
import { BuildoutError, type Location } from "../../errors/error.ts";
import { Guesser } from "../../errors/nearest.ts";
import { lines, words } from "../../pythonic/text.ts";
import { pacer } from "../../system/pause.ts";

/** `${section:option}` with its location. */
export interface Mention extends Reference {
  /** The section it is in. */
  from: string;
  location: Location | undefined;
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
  /** section -> its options that are referred to. */
  read: ReadonlyMap<string, ReadonlySet<string>>;
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

function referencesIn(
  configuration: Configuration,
  from: string,
  option: string,
  value: string,
  problems: BuildoutError[],
): Mention[] {
  const location = configuration.location(from, option);
  const texts = value.split("$$").flatMap((piece) => splitReferences(piece));
  return texts.flatMap((text) => {
    if (!/^\$\{[^}]*\}$/.test(text)) return [];
    const details = location ? { location } : {};
    const found = attempt(problems, () => parseReference(text, () => details));
    if (found === undefined) return [];
    return [{ ...found, section: found.section || from, from, location }];
  });
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
    for (const macro of lines(raw.get("<") ?? "")) {
      macros.add(macro);
      referred.add(macro);
    }
    const options =
      attempt(problems, () => expandMacros(configuration, section, raw)) ?? new Map(raw);
    expanded.set(section, options);
    for (const name of words(options.get(PART_DEPENDENCIES) ?? "")) referred.add(name);
    for (const [option, value] of options) {
      if (value.includes("${")) {
        mentions.push(...referencesIn(configuration, section, option, value, problems));
      }
      for (const word of value.match(/[^\s,;:=|]+/g) ?? []) {
        if (word !== section && configuration.sections.has(word)) named.add(word);
      }
    }
  }
  const mentioned = new Set<string>();
  const read = new Map<string, Set<string>>();
  for (const { from, section, option } of mentions) {
    if (from !== section) mentioned.add(section);
    if (!read.has(section)) read.set(section, new Set());
    read.get(section)!.add(option);
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
  const users = new Map<string, string[]>();
  const found = new Set<string>();
  for (const { from, section, option } of mentions) {
    const isThere = expanded.get(section)?.has(option) || option === "_buildout_section_name_";
    if (!isThere) found.add(from);
    if (!users.has(section)) users.set(section, []);
    users.get(section)!.push(from);
  }
  // The set grows during iteration.
  for (const section of found) for (const user of users.get(section) ?? []) found.add(user);
  return found;
}
