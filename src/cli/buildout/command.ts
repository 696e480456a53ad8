import { checkArguments, refuseEmpty } from "../../arguments/check-arguments.ts";
import {
  isKnownOption,
  type OptionDefinition,
  type TakenWords,
  takeOption,
  takeWords,
} from "../../arguments/grammar.ts";
import type { Program } from "../../buildout/run/launcher.ts";
import type { Shown } from "../../contract/engine.ts";
import { BuildoutError } from "../../errors/error.ts";
import type { EngineEvent } from "../../events/engine.ts";
import type { Reporter } from "../../events/reporter.ts";
import type { Paint } from "../../report/colour.ts";
import { type BuildoutArguments, OPTIONS } from "./arguments.ts";

/** What the process around a command hands in. */
export interface Environment {
  /** The working directory. */
  directory: string;
  env: Record<string, string | undefined>;
  /** Text for standard output. */
  write(text: string): void;
  /** Text for standard error. */
  warn(text: string): void;
  paint: Paint;
  /** Takes what a run of the engine tells. */
  report: Reporter<EngineEvent>;
  /** The command line: the script that was called, and its arguments. */
  argv: readonly string[];
  /** The line that answers a question; undefined where nobody is there. */
  ask(question: string): Promise<string | undefined>;
  /** What `bin/buildout` has to start. */
  program: Program;
  signal: AbortSignal;
  /** What the functions above put all text through. */
  shown: Shown;
}

/** One call of a command. */
export interface CommandCall {
  parsed: BuildoutArguments;
  args: readonly string[];
  /** The options behind the command that were given, by name, with their values. */
  given: ReadonlyMap<string, string | undefined>;
  /** Output as JSON: the option --json. */
  json: boolean;
  /** Whether that JSON is events. */
  events: boolean;
  environment: Environment;
  /** The table that the command is in. */
  commands: readonly BuildoutCommand[];
}

/** A command of `buildout`: what it takes, what the help says, and what it does. */
export interface BuildoutCommand {
  name: string;
  /** Another name, which the help does not list. */
  alias?: string;
  /** `none`, or the usage: `[PART...]`. */
  arguments: string;
  /** Options behind the command; `untouched` leaves every word to the command itself. */
  options?: readonly OptionDefinition[] | "untouched";
  /** Whether --json prints what it does as events. */
  events?: true;
  summary: string;
  details?: string;
  /** Said where the number of arguments is wrong, in zc.buildout's words if it has some. */
  wrongArguments?: string;
  /** Words behind `buildout`. */
  example: string;
  /** Returns the exit status; errors are thrown. */
  run(call: CommandCall): Promise<number>;
}

/** The option of commands that can print JSON. */
export const JSON_OPTION: OptionDefinition = {
  name: "json",
  long: "json",
  help: "Print JSON",
};

/** The option of commands that tell what they do as events. */
export const EVENTS_OPTION: OptionDefinition = {
  name: "json",
  long: "json",
  help: "Print what happens as JSON, an event a line (docs/events.md)",
};

const HELP_OPTION: OptionDefinition = { name: "help", letter: "h", long: "help" };

/** The value of an option that is given with it as a word of its own. */
function ownValue(word: string, next: string | undefined): string[] {
  const words = [word, ...(next === undefined ? [] : [next])];
  const uses = [...takeOption(words, OPTIONS)];
  return words.length === 0 && uses.at(-1)?.value !== undefined && next !== undefined ? [next] : [];
}

/** What the words behind a command say. Throws `usage`. */
export function readCommandWords(
  { name, arguments: usage, options = [], wrongArguments }: BuildoutCommand,
  words: readonly string[],
): TakenWords {
  if (options === "untouched") {
    const [first] = words;
    const isHelp = first === "--help" || first === "-h";
    return { args: [...words], given: new Map(isHelp ? [["help", undefined]] : []) };
  }
  const { args, given } = takeWords(words, [HELP_OPTION, ...options], (word, next) => {
    if (!isKnownOption(word, OPTIONS)) return false;
    throw new BuildoutError("usage", `Option ${word} goes before the command.`, {
      hint: `buildout ${[word, ...ownValue(word, next)].join(" ")} ${name}`,
    });
  });
  if (!given.has("help")) {
    checkArguments({ name, arguments: usage, program: "buildout", wrongArguments }, args);
    refuseEmpty({ name, arguments: usage, program: "buildout" }, args);
  }
  return { args, given };
}
