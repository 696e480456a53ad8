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
import type { Paint } from "../../report/color.ts";
import { type BuildoutArguments, OPTIONS } from "./arguments.ts";

/** What the process provides to a command. */
export interface Environment {
  /** The working directory. */
  directory: string;
  env: Record<string, string | undefined>;
  /** Text for standard output. */
  write(text: string): void;
  /** Text for standard error. */
  warn(text: string): void;
  paint: Paint;
  /** Receives the events of an engine run. */
  report: Reporter<EngineEvent>;
  /** The command line: the script that was called, and its arguments. */
  argv: readonly string[];
  /** The line that answers a question; undefined if nobody can answer. */
  ask(question: string): Promise<string | undefined>;
  /** The program that `bin/buildout` must start. */
  program: Program;
  signal: AbortSignal;
  /** The functions above pass all text through this. */
  shown: Shown;
}

/** One call of a command. */
export interface CommandCall {
  parsed: BuildoutArguments;
  args: readonly string[];
  /** The options given after the command, by name, with their values. */
  given: ReadonlyMap<string, string | undefined>;
  /** Whether --json was given. */
  json: boolean;
  /** Whether that JSON consists of events. */
  events: boolean;
  environment: Environment;
  /** The table that the command is in. */
  commands: readonly BuildoutCommand[];
}

/** A command of `buildout`: its arguments, its help and its action. */
export interface BuildoutCommand {
  name: string;
  /** Another name, which the help does not list. */
  alias?: string;
  /** `none`, or the usage: `[PART...]`. */
  arguments: string;
  /** Options after the command; `untouched` passes every word to the command itself. */
  options?: readonly OptionDefinition[] | "untouched";
  /** Whether --json prints events. */
  events?: true;
  summary: string;
  details?: string;
  /** The message for a wrong number of arguments, zc.buildout's own if it has one. */
  wrongArguments?: string;
  /** The words after `buildout`. */
  example: string;
  /** Returns the exit status; errors are thrown. */
  run(call: CommandCall): Promise<number>;
}

/** The option of commands that print JSON. */
export const JSON_OPTION: OptionDefinition = {
  name: "json",
  long: "json",
  help: "Print JSON",
};

/** The option of commands that report their work as events. */
export const EVENTS_OPTION: OptionDefinition = {
  name: "json",
  long: "json",
  help: "Print events as JSON, one per line (docs/events.md)",
};

const HELP_OPTION: OptionDefinition = { name: "help", letter: "h", long: "help" };

/** The value of an option, given as a separate word. */
function ownValue(word: string, next: string | undefined): string[] {
  const words = [word, ...(next === undefined ? [] : [next])];
  const uses = [...takeOption(words, OPTIONS)];
  return words.length === 0 && uses.at(-1)?.value !== undefined && next !== undefined ? [next] : [];
}

/** The meaning of the arguments after a command. Throws `usage`. */
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
