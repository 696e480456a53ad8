import { BuildoutError } from "../errors/error.ts";
import { didYouMean, nearest } from "../errors/nearest.ts";
import { checkArguments } from "./check-arguments.ts";
import {
  type Form,
  isKnownOption,
  isOptionWord,
  type OptionDefinition,
  type OptionUse,
  optionUsage,
  type TakenWords,
  takeOption,
  takeWords,
} from "./grammar.ts";

/** What can follow a command. */
export interface OwnWords {
  name: string;
  /** `none`, or the usage of its arguments without the options: `[NUMBER] [NUMBER]`. */
  arguments: string;
  /** Its own options. */
  own?: readonly OptionDefinition[];
  /** Patterns of arguments, by their names in the usage. */
  forms?: Readonly<Record<string, Form>>;
  /** Returns what is wrong with a combination of words. */
  together?(taken: TakenWords): string | undefined;
}

const PROGRAM = "bin/hostout HOST";

/** Its usage with options, as help and errors show it. */
export function fullUsage({ arguments: usage, own = [] }: OwnWords): string {
  if (own.length === 0) return usage;
  return [...(usage === "none" ? [] : [usage]), optionUsage(own)].join(" ");
}

/** Splits a usage such as `[--yes] [--from NAME] [DIRECTORY...]` into its options and the rest. */
export function splitUsage(usage: string): Pick<OwnWords, "arguments" | "own"> {
  const own: OptionDefinition[] = [];
  const rest = usage.replace(/\[--([\w-]+)(?: ([^\]]+))?\] ?/g, (_, long, placeholder) => {
    const value = placeholder && { placeholder, called: placeholder.toLowerCase() };
    own.push({ name: long, long, help: "", ...(value && { value }) });
    return "";
  });
  return own.length === 0 ? { arguments: usage } : { arguments: rest.trim() || "none", own };
}

/** The words again, options in front. */
export function orderedWords(
  { own = [] }: Pick<OwnWords, "own">,
  { args, given }: TakenWords,
): string[] {
  const options = [...given].map(([name, value]) => {
    const { long, letter } = own.find((option) => option.name === name)!;
    if (long === undefined) return `-${letter}${value ?? ""}`;
    return value === undefined ? `--${long}` : `--${long}=${value}`;
  });
  return [...options, ...(args.some(isOptionWord) ? ["--"] : []), ...args];
}

/** What the reader of a whole command line knows besides a command. */
interface Beside {
  /** What an unknown word may have been meant to be. */
  hintFor?(word: string): string | undefined;
  /** Empty arguments are allowed. */
  emptyToo?: boolean;
}

/** Parses the words after a command. Throws `usage`. */
export function readOwnWords(
  command: OwnWords,
  words: readonly string[],
  { hintFor = () => undefined, emptyToo = false }: Beside = {},
): TakenWords {
  const { name, arguments: usage, own = [] } = command;
  const shown = fullUsage(command);
  const form = `Usage: ${PROGRAM} ${name}${shown === "none" ? "" : ` ${shown}`}`;
  const refuse = (message: string, hint = form) =>
    new BuildoutError("usage", `'${name}' ${message}`, { hint });
  const names = own.flatMap(({ long }) => long ?? []);
  const taken = takeWords(words, own, (word) => {
    // A negative number is not an option; a command without arguments need not tell them apart.
    if (/^-\d/.test(word) || (usage === "none" && own.length === 0)) return true;
    const near = nearest(word.slice(2).replace(/=[\s\S]*$/, ""), names);
    const hint = (near && `Did you mean '--${near}'?`) ?? hintFor(word) ?? form;
    const dash = usage === "none" ? [] : ["Write -- before an argument that begins with a dash."];
    const says = own.length === 0 ? `takes no options: '${word}'.` : `has no option '${word}'.`;
    throw refuse(says, [hint, ...dash].join("\n"));
  });
  const { args } = taken;
  if (!emptyToo && args.includes("")) throw refuse("takes no empty argument.");
  checkArguments({ ...command, shown, program: PROGRAM, hintFor }, args);
  checkForms(command, args, refuse);
  const wrong = command.together?.(taken);
  if (wrong !== undefined) throw refuse(wrong);
  return taken;
}

function checkForms(
  { arguments: usage, forms = {} }: OwnWords,
  args: readonly string[],
  refuse: (message: string, hint?: string) => BuildoutError,
): void {
  for (const [at, kind] of usage.replace(/[[\]]/g, "").split(" ").entries()) {
    const form = forms[kind];
    const word = args[at];
    if (form === undefined || word === undefined || form.pattern.test(word)) continue;
    const choices = kind.includes("|") ? kind.split("|") : [];
    throw refuse(`needs ${form.needs}, not '${word}'.`, didYouMean(word, choices));
  }
}

/**
 * Takes the words of a command from `words`. Options of `others` among them belong to another table and are
 * passed to `note`. A wrong one stays where it is.
 */
export function splitOwnWords(
  words: string[],
  own: readonly OptionDefinition[],
  others: readonly OptionDefinition[],
  note: (use: OptionUse) => void,
): string[] {
  const kept: string[] = [];
  while (words.length > 0) {
    const word = words[0]!;
    if (word === "--") return [...kept, ...words.splice(0)];
    if (isOptionWord(word) && !isKnownOption(word, own) && isKnownOption(word, others)) {
      for (const use of takeOption(words, others)) note(use);
      continue;
    }
    const all = [...words];
    if (isOptionWord(word) && isKnownOption(word, own)) for (const _ of takeOption(words, own));
    else words.shift();
    kept.push(...all.slice(0, all.length - words.length));
  }
  return kept;
}
