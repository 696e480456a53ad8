import { BuildoutError } from "../errors/error.ts";
import { didYouMean, nearest } from "../errors/nearest.ts";

interface OptionValue {
  placeholder: string;
  called: string;
  optional?: true;
  /** The allowed words, or a pattern and its description. */
  choices?: readonly string[];
  form?: Form;
}

/** A pattern that a word must match: `{ pattern: /^\d+$/, needs: "a number" }`. */
export interface Form {
  pattern: RegExp;
  needs: string;
}

/** One option of a command line. */
export interface OptionDefinition {
  /** The key under which its value is kept. */
  name: string;
  /** The letter after one dash; letters without a value can be combined. */
  letter?: string;
  /** The word after two dashes. */
  long?: string;
  /**
   * The placeholder of its value, and its name in messages. Without it, the option takes no value. An
   * optional value must follow `=` or the letter directly.
   */
  value?: OptionValue;
  /** One line for the help; options without it are not listed. */
  help?: string;
}

/** An option as given. */
export interface OptionUse {
  option: OptionDefinition;
  value: string | undefined;
  /** The word it was found in. */
  word: string;
}

/** Whether a word looks like an option. `--` does: it ends the options. */
export function isOptionWord(word: string | undefined): word is string {
  return word?.startsWith("-") === true;
}

/** Whether every option in this word is in the table; values are not checked. */
export function isKnownOption(word: string, table: readonly OptionDefinition[]): boolean {
  if (word.startsWith("--")) return byLongName(word, table) !== undefined;
  for (let index = 1; index < word.length; index++) {
    const option = table.find(({ letter }) => letter === word[index]);
    if (option === undefined) return false;
    if (option.value !== undefined && !isWithoutValue(option, word.slice(index + 1))) return true;
  }
  return word.length > 1;
}

/**
 * Takes the option word at the head of `words`, and its value if that is a separate word. Yields its
 * options one by one, so that a caller can stop at the first that settles everything. Throws `usage`.
 */
export function* takeOption(
  words: string[],
  table: readonly OptionDefinition[],
): Generator<OptionUse, void> {
  const word = words.shift()!;
  if (word.startsWith("--")) {
    yield takeLong(word, words, table);
    return;
  }
  if (word === "-") throw invalid(word, table);
  for (let index = 1; index < word.length; index++) {
    const option = table.find(({ letter }) => letter === word[index]);
    if (option === undefined) throw invalid(`-${word[index]}`, table);
    if (option.value === undefined || isWithoutValue(option, word.slice(index + 1))) {
      yield { option, value: undefined, word };
      continue;
    }
    const value = word.slice(index + 1) || words.shift();
    if (value === undefined || value === "") throw missing(option, word);
    checkValue(option, value);
    yield { option, value, word };
    return;
  }
}

/** Whether a letter is used without its optional value, so that more letters may follow; none is a digit. */
function isWithoutValue({ value }: OptionDefinition, rest: string): boolean {
  return value?.optional === true && value.form?.pattern.test(rest) !== true && !/^\d/.test(rest);
}

function takeLong(word: string, words: string[], table: readonly OptionDefinition[]): OptionUse {
  const option = byLongName(word, table);
  if (option === undefined) throw invalid(word, table);
  const equals = word.indexOf("=");
  if (option.value === undefined) {
    if (equals < 0) return { option, value: undefined, word };
    throw usage(`Option --${option.long} takes no value: ${word}`);
  }
  if (equals < 0 && option.value.optional) return { option, value: undefined, word };
  const value = equals < 0 ? words.shift() : word.slice(equals + 1);
  if (value === undefined || value === "") throw missing(option, word);
  checkValue(option, value);
  return { option, value, word };
}

function checkValue({ long, letter, value }: OptionDefinition, given: string): void {
  const { choices, form } = value!;
  const name = long === undefined ? `-${letter}` : `--${long}`;
  if (choices !== undefined && !choices.includes(given)) {
    const hint = didYouMean(given, choices);
    throw usage(`'${name}' takes one of ${choices.join(", ")}: '${given}'.`, hint);
  }
  if (form !== undefined && !form.pattern.test(given)) {
    throw usage(`'${name}' needs ${form.needs}, not '${given}'.`);
  }
}

/** The words after a command, parsed with its table of options. */
export interface TakenWords {
  args: string[];
  /** The options that were given, by name. */
  given: ReadonlyMap<string, string | undefined>;
}

/**
 * Parses all words; `--` ends the options. `unknown` is called for an option that is not in the table, with
 * the word after it, and returns true if it is an argument. Throws `usage`.
 */
export function takeWords(
  words: readonly string[],
  table: readonly OptionDefinition[],
  unknown: (word: string, next: string | undefined) => boolean,
): TakenWords {
  const rest = [...words];
  const args: string[] = [];
  const given = new Map<string, string | undefined>();
  while (rest.length > 0) {
    const word = rest[0]!;
    if (word === "--") {
      args.push(...rest.slice(1));
      break;
    }
    if (!isOptionWord(word) || (!isKnownOption(word, table) && unknown(word, rest[1]))) {
      args.push(rest.shift()!);
      continue;
    }
    for (const { option, value } of takeOption(rest, table)) given.set(option.name, value);
  }
  return { args, given };
}

function byLongName(word: string, table: readonly OptionDefinition[]) {
  const name = word.slice(2).replace(/=[\s\S]*$/, "");
  return name === "" ? undefined : table.find(({ long }) => long === name);
}

function invalid(word: string, table: readonly OptionDefinition[]): BuildoutError {
  const hint =
    asksForPlan(word) && table.some(({ long }) => long === "plan")
      ? "Did you mean '--plan'?"
      : nearestOption(word, table);
  return usage(`Invalid option ${word}`, hint);
}

/** Whether this is another tool's name for `--plan`. */
export function asksForPlan(word: string): boolean {
  return /^(?:-n|--(?:dry[-_]?run|check|no-?op|simulate|preview))$/.test(word);
}

/** `Did you mean '--x'?` for a long option that is not in the table, if one is near enough. */
export function nearestOption(
  word: string,
  table: readonly OptionDefinition[],
): string | undefined {
  const [, name] = /^--([^=]+)/.exec(word) ?? [];
  const best =
    name &&
    nearest(
      name,
      table.flatMap(({ long }) => long ?? []),
    );
  return best ? `Did you mean '--${best}'?` : undefined;
}

function missing({ value }: OptionDefinition, word: string): BuildoutError {
  return usage(`No ${value!.called} specified for option ${word}`);
}

function usage(message: string, hint = "'--help' lists the options."): BuildoutError {
  return new BuildoutError("usage", message, { hint });
}

/** The options as lines of a help text. */
export function optionLines(table: readonly OptionDefinition[]): string {
  return columns(optionRows(table));
}

/** The forms of each option, and its help. */
export function optionRows(table: readonly OptionDefinition[]): Row[] {
  return table
    .filter(({ help }) => help !== undefined)
    .map(({ letter, long, value, help }) => {
      const forms = [letter && `-${letter}`, long && `--${long}`].filter(Boolean).join(", ");
      const placeholder = value?.optional ? `[=${value.placeholder}]` : ` ${value?.placeholder}`;
      return [value === undefined ? forms : `${forms}${placeholder}`, help!];
    });
}

/** A line of a help text: the term and its description. */
export type Row = readonly [string, string];

/** After a longer first column, the text goes on the next line. */
const WIDEST = 36;

/** Two columns, indented. */
export function columns(rows: readonly Row[]): string {
  const narrow = rows.map(([first]) => first.length).filter((length) => length <= WIDEST);
  const width = Math.max(...narrow);
  const gap = `\n${" ".repeat(width + 4)}`;
  return rows
    .map(([first, text]) =>
      `  ${first.padEnd(width)}${first.length > width ? gap : "  "}${text}`.trimEnd(),
    )
    .join("\n");
}

/** The options as a usage shows them: `[--keep NUMBER] [--plan]`. */
export function optionUsage(table: readonly OptionDefinition[]): string {
  return table
    .map(({ letter, long, value }) => {
      const word = long === undefined ? `-${letter}` : `--${long}`;
      return value === undefined ? `[${word}]` : `[${word} ${value.placeholder}]`;
    })
    .join(" ");
}

/** Every form of every option, as typed. */
export function optionWords(table: readonly OptionDefinition[]): string[] {
  return table
    .filter(({ help }) => help !== undefined)
    .flatMap(({ letter, long }) => [
      ...(letter === undefined ? [] : [`-${letter}`]),
      ...(long === undefined ? [] : [`--${long}`]),
    ]);
}
