import type { Configuration } from "../config/merge/configuration.ts";
import {
  COMMAND_LINE_VALUE,
  COMPUTED_VALUE,
  DEFAULT_VALUE,
  type HistoryItem,
  latest,
  newestFirst,
  type Option,
} from "../config/merge/option.ts";
import { absolute, relative } from "../pythonic/path.ts";
import { sorted, splitLines } from "../pythonic/text.ts";

export interface AnnotateOptions {
  /** Show every step of each option's history. */
  verbose: boolean;
  /** Only these sections; none: all. */
  sections: readonly string[];
  /** `[buildout] directory` with its references resolved: sources below it are shown relative to it. */
  directory: string;
}

type Show = (source: string) => string;

function valueLines(name: string, value: string): string[] {
  const [first = "", ...rest] = splitLines(value);
  if (rest.length > 0) return [`${name}= ${first}`, ...rest];
  return [value === "" ? `${name}=` : `${name}= ${value}`];
}

/** The origin of the value: the last assignment and later additions and removals. */
function terse(option: Option, show: Show): string[] {
  const { operation: last, source: lastSource } = latest(option);
  if (last !== "ADD" && last !== "REMOVE") return [`    ${show(lastSource)}`];
  const lines: string[] = [];
  for (const { operation, source } of newestFirst(option.history)) {
    const changes = operation === "ADD" || operation === "REMOVE";
    const mark = operation === "ADD" ? "+=  " : operation === "REMOVE" ? "-=  " : "    ";
    lines.unshift(mark + show(source));
    if (!changes) break;
  }
  return lines;
}

function verboseItem({ operation, value, source }: HistoryItem, show: Show): string[] {
  const named = [DEFAULT_VALUE, COMPUTED_VALUE, COMMAND_LINE_VALUE].includes(source);
  const values = splitLines(value);
  const lines = [`   ${named ? "AS" : "IN"} ${show(source)}`];
  if (values.length <= 1) lines.push(`   ${operation} VALUE = ${value}`);
  else lines.push(`   ${operation} VALUE =`, ...values.map((line) => `      ${line}`));
  return lines;
}

function verbose(option: Option, show: Show): string[] {
  const lines = [""];
  for (const item of newestFirst(option.history)) {
    for (const line of verboseItem(item, show)) lines.push(line);
  }
  lines.push("");
  return lines;
}

/** A source as zc.buildout shows it: relative when the buildout's directory is a prefix of its text. */
export function shownSource(configuration: Configuration, directory: string): Show {
  const known = new Map<string, string>();
  const start = `${absolute(directory, configuration.workingDirectory)}/`;
  return (source) => {
    if (!source.startsWith(directory)) return source;
    let shown = known.get(source);
    if (shown === undefined) {
      const path = absolute(source, configuration.workingDirectory);
      shown = path.startsWith(start)
        ? path.slice(start.length)
        : relative(source, directory, configuration.workingDirectory);
      known.set(source, shown);
    }
    return shown;
  };
}

/** The text of the `annotate` command, from its first empty line on. */
export function annotate(configuration: Configuration, options: AnnotateOptions): string {
  const show = shownSource(configuration, options.directory);
  const title = "Annotated sections";
  const lines = ["", title, "=".repeat(title.length)];
  for (const name of sorted(configuration.annotated.keys())) {
    if (options.sections.length > 0 && !options.sections.includes(name)) continue;
    lines.push("", `[${name}]`);
    const section = configuration.annotated.get(name)!;
    for (const key of sorted(section.keys())) {
      const option = section.get(key)!;
      for (const line of valueLines(key, option.value)) lines.push(line);
      for (const line of (options.verbose ? verbose : terse)(option, show)) lines.push(line);
    }
  }
  return `${lines.join("\n")}\n`;
}
