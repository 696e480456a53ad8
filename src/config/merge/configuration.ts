import type { WarningCode } from "../../errors/codes.ts";
import type { BuildoutError, Location } from "../../errors/error.ts";
import type { Duplicate } from "../syntax/parse.ts";
import { findRanges, type SectionRange } from "../syntax/ranges.ts";
import { latest, type Option } from "./option.ts";
import { placeOf } from "./place.ts";

export interface Warning {
  code: WarningCode;
  message: string;
  location: Location | undefined;
}

/** The merged files of a configuration, with references not yet resolved. */
export interface Configuration {
  /** `[buildout] directory`, with references as written; "" if not set. */
  directory: string;
  /** The working directory, the base of relative paths. */
  workingDirectory: string;
  /** section -> option -> value; sections with macros keep `<` and operators. */
  sections: Map<string, Map<string, string>>;
  /** The same before directories in `[buildout]` become absolute, with each option's history. */
  annotated: ReadonlyMap<string, ReadonlyMap<string, Option>>;
  /** Every local file read, absolute, in order of first reading. */
  files: string[];
  urls: string[];
  warnings: Warning[];
  /** Options that one file sets twice in one section. */
  duplicates: (Duplicate & { file: string })[];
  /** Facts about the Python interpreter, for options that depend on it. */
  abiTag(): string;
  /** Where an option, or a section, was set last. Options of macros are found too. */
  location(section: string, option?: string): Location | undefined;
  /**
   * The positions of sections, options and references in a file, computed on first use. `file` is as in a
   * location; undefined if the configuration has no such file.
   */
  ranges(file: string): readonly SectionRange[] | undefined;
}

/** Finds the ranges of each text once. */
export function rangeFinder(texts: ReadonlyMap<string, string>): Configuration["ranges"] {
  const known = new Map<string, readonly SectionRange[]>();
  return (file) => {
    const text = texts.get(file);
    if (text === undefined) return undefined;
    let found = known.get(file);
    if (found === undefined) {
      found = findRanges(text, file);
      known.set(file, found);
    }
    return found;
  };
}

/** Finds locations in annotated sections. */
export function locator(
  annotated: ReadonlyMap<string, ReadonlyMap<string, Option>>,
  headers: ReadonlyMap<string, Location>,
): Configuration["location"] {
  const locate = (section: string, name: string, seen?: Set<string>): Location | undefined => {
    const options = annotated.get(section);
    const option = options?.get(name) ?? options?.get(`${name} +`) ?? options?.get(`${name}+`);
    if (option !== undefined) {
      return placeOf(latest(option));
    }
    const macros = options?.get("<")?.value.split("\n").reverse();
    if (macros === undefined || seen?.has(section)) return undefined;
    const further = (seen ?? new Set()).add(section);
    for (const macro of macros) {
      const found = locate(macro.trim(), name, further);
      if (found !== undefined) return found;
    }
    return undefined;
  };
  return (section, option) =>
    option === undefined ? headers.get(section) : locate(section, option);
}

/** Adds a line to the `While:` lines of an error. */
export function whileDoing(error: BuildoutError, activity: string): BuildoutError {
  error.while.unshift(activity);
  return error;
}
