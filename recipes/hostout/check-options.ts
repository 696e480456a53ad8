import { existsSync, readFileSync, statSync } from "node:fs";
import { join, resolve } from "node:path";
import {
  findPlugin,
  hostOptionProblems,
  type LintContext,
  type LintProblem,
  nearest,
  partNameProblem,
} from "../../src/index.ts";
import { nativePlugins } from "../plugins/index.ts";
import { absolute, checkKeys } from "./check-keys.ts";
import { idleOptions } from "./idle-options.ts";
import { FILE_OPTIONS, HOST_OPTIONS, OLD_OPTIONS, OTHER_OPTIONS } from "./options.ts";

/** Maximum edits of a misspelling. */
const MISSPELT = 2;

const words = (value = "") => value.split(/\s+/).filter((word) => word !== "");

const lines = (value = "") =>
  value
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "");

/** All problems with a hostout part that can be found without its host. */
export function checkPart(context: LintContext): LintProblem[] {
  const values = [...wrongValues(context), ...checkRoles(context), ...checkKeys(context)];
  return [...checkName(context), ...checkHost(context), ...doubtfulOptions(context), ...values];
}

/** A part without a reachable host. Plugins and fabfiles may locate the host. */
function checkHost(context: LintContext): LintProblem[] {
  const { bases, plugins } = extended(context);
  const has = (option: string) => bases.some((name) => context.section(name)!.has(option));
  if (has("host") || has("fabfiles") || plugins.length > 0) return [];
  return [
    {
      severity: "warning",
      code: "missing-option",
      section: context.name,
      message: `The part '${context.name}' has no 'host' option.`,
      hint: `Add 'host = name-or-address' to [${context.name}].`,
    },
  ];
}

/** Values that a deployment would reject, of the part and the sections it extends, in order. */
export function wrongValues(context: LintContext): LintProblem[] {
  const refused = refusedValues(context);
  return extended(context).sections.flatMap((section) =>
    [...context.section(section)!].flatMap(([option, value]) => [
      ...refused.filter((one) => one.section === section && one.option === option),
      ...missingFiles(context.directory, section, option, value),
    ]),
  );
}

/** What a deployment would reject, with its own messages. */
function refusedValues(context: LintContext): LintProblem[] {
  const { name, directory, section } = context;
  if (partNameProblem(name) !== undefined) return [];
  const holders = new Map<string, string>();
  const written = new Map<string, string>();
  for (const base of extended(context).bases) {
    for (const [option, value] of section(base)!) {
      if (written.has(option)) continue;
      written.set(option, value);
      holders.set(option, base);
    }
  }
  return hostOptionProblems(name, written, directory).map(({ option, message, hint = "" }) =>
    invalidOption(holders.get(option)!, option, message, hint),
  );
}

function invalidOption(
  section: string,
  option: string,
  message: string,
  hint: string,
  severity: LintProblem["severity"] = "error",
): LintProblem {
  const text = `${section}:${message}`;
  return { severity, code: "invalid-option", section, option, message: text, hint };
}

/**
 * Options that are probably mistakes: those without an effect, and those of the part and the sections it
 * extends with almost the name of a known one. An option mentioned in a fabfile of the part or of a plugin
 * is known.
 */
export function doubtfulOptions(context: LintContext): LintProblem[] {
  const { sections, bases, plugins } = extended(context);
  const others = plugins
    .filter((name) => !nativePlugins.has(name))
    .map((name) => findPlugin(name, { directory: context.directory, developPackages: [] }));
  const options = [
    ...plugins.flatMap((name) => nativePlugins.get(name) ?? []),
    ...others.flatMap((plugin) => (plugin ? { options: plugin.options, reads: [] } : [])),
  ].flatMap(({ options: set, reads }) => [...set.keys(), ...reads]);
  const known = new Set([...HOST_OPTIONS, ...OLD_OPTIONS, ...OTHER_OPTIONS, ...options]);
  const current = [...known].filter((name) => !OLD_OPTIONS.includes(name));
  const files = others.flatMap((plugin) => plugin?.fabfile ?? []);
  const code = [...fabfiles(context, sections), ...files.map((file) => readFileSync(file, "utf8"))];
  // Plugins in Python do not declare what they read.
  const isSure = !others.includes(undefined);
  const misspelled = sections.flatMap((section) =>
    [...context.section(section)!.keys()].flatMap((option): LintProblem[] => {
      if (known.has(option) || code.some((text) => text.includes(option))) return [];
      const meant = nearest(option, current, MISSPELT);
      if (meant === undefined) return [];
      return [
        {
          severity: "warning",
          code: "misspelt-option",
          section,
          option,
          message: isSure
            ? `Nothing reads the option '${option}' of [${section}].`
            : `'${option}' of [${section}] is not an option of hostout.`,
          hint: `Did you mean '${meant}'?`,
        },
      ];
    }),
  );
  return [...misspelled, ...idleOptions(context, bases, code)];
}

/** The part, the sections without a recipe that it extends, and the names that are not sections. */
function extended(context: LintContext): {
  sections: string[];
  /** All sections, those of other parts included. */
  bases: string[];
  plugins: string[];
} {
  const sections = [context.name];
  const plugins: string[] = [];
  for (const section of sections) {
    for (const name of words(context.section(section)?.get("extends"))) {
      const base = context.section(name);
      if (base === undefined) plugins.push(name);
      else if (!sections.includes(name)) sections.push(name);
    }
  }
  // A base with a recipe is a part, which is checked separately.
  const checked = sections.filter(
    (name) => name === context.name || !context.section(name)!.has("recipe"),
  );
  return { sections: checked, bases: sections, plugins };
}

function fabfiles(context: LintContext, sections: readonly string[]): string[] {
  const files = sections.flatMap((name) => words(context.section(name)!.get("fabfiles")));
  return files.flatMap((name) => {
    const file = resolve(context.directory, name);
    const source = isFolder(file) ? join(file, "__init__.py") : file;
    return existsSync(source) ? [readFileSync(source, "utf8")] : [];
  });
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
}

function checkName({ name }: LintContext): LintProblem[] {
  const problem = partNameProblem(name);
  if (problem === undefined) return [];
  return [{ severity: "error", code: "invalid-option", section: name, ...problem }];
}

/** Missing local files named by an option. */
function missingFiles(
  directory: string,
  section: string,
  option: string,
  value: string,
): LintProblem[] {
  const kind = FILE_OPTIONS.get(option);
  const text = value.trim();
  // Unresolved references.
  if (text === "" || kind === undefined || text.includes("${")) return [];
  const names = kind === "words" ? words(text) : kind === "lines" ? lines(text) : [text];
  return names
    .filter((name) => !isThere(directory, name))
    .map((name) => {
      const several = words(name);
      if (
        kind === "lines" &&
        several.length > 1 &&
        several.some((one) => isThere(directory, one))
      ) {
        return invalidOption(
          section,
          option,
          `${option}: there is no '${name}': each line is one name.`,
          `If these are ${several.length} names, write each on its own line, indented.`,
        );
      }
      return invalidOption(
        section,
        option,
        `${option}: There is no ${name}.`,
        "Correct the name; relative paths start at the buildout directory.",
        kind === "later" ? "warning" : "error",
      );
    });
}

/** Roles that cannot be used on a command line. A fabfile that mentions the option may have its own. */
function checkRoles(context: LintContext): LintProblem[] {
  const { name, section } = context;
  const { sections } = extended(context);
  const value = section(name)!.get("roles") ?? "";
  const wrong = words(value).find((role) => /[,!*?[\]@]/.test(role));
  if (wrong === undefined || value.includes("${")) return [];
  if (fabfiles(context, sections).some((code) => code.includes("roles"))) return [];
  return [
    {
      ...{ severity: "warning", code: "invalid-option", section: name, option: "roles" },
      message: `${name}:roles: '${wrong}' cannot be the name of a role.`,
      hint: "Separate roles with spaces, and do not use , ! * ? [ ] or @.",
    },
  ];
}

function isThere(directory: string, name: string): boolean {
  if (/[*?[\]{}!]/.test(name)) return true;
  const path = absolute(directory, name);
  return existsSync(path) || existsSync(`${path}.pub`);
}
