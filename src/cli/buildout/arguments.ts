import type { Assignment } from "../../config/merge/assignments.ts";
import { BuildoutError } from "../../errors/error.ts";
import { didYouMean } from "../../errors/nearest.ts";

export const COMMANDS = [
  "install",
  "bootstrap",
  "runsetup",
  "setup",
  "init",
  "annotate",
  "query",
  "config",
  "lint",
  "new-recipe",
] as const;

export type Command = (typeof COMMANDS)[number];

/** What a command line of `buildout` says. */
export interface BuildoutArguments {
  /** The configuration, a path or URL as written. */
  file: string;
  /** In the order given; `-o`, `-N`, `-t` and their kind are assignments too. */
  assignments: Assignment[];
  /** 10 for each -v, -10 for each -q. */
  verbosity: number;
  /** False for -U. */
  userDefaults: boolean;
  /** -D: show the stack of an error. */
  debug: boolean;
  help: boolean;
  version: boolean;
  command: Command;
  /** Whether the command was named; without one it is `install`. */
  commandGiven: boolean;
  commandArguments: string[];
}

const SETTINGS: Record<string, [option: string, value: string]> = {
  o: ["offline", "true"],
  O: ["offline", "false"],
  n: ["newest", "true"],
  N: ["newest", "false"],
};

function usage(message: string, hint?: string): BuildoutError {
  return new BuildoutError("usage", message, {
    hint: hint ?? "'buildout --help' lists the options.",
  });
}

function assignment(text: string): Assignment {
  const equals = text.indexOf("=");
  const names = text.slice(0, equals).split(":");
  if (names.length > 2) {
    throw usage(`Invalid option: ${text.slice(0, equals)}`, "Write section:option=value.");
  }
  const [section, option] = names.length === 2 ? names : ["buildout", names[0]];
  return {
    section: section!.trim(),
    option: option!.trim(),
    value: text.slice(equals + 1).trim(),
  };
}

/** The letters that can stand together behind one dash; gives what is left of the word. */
function readLetters(word: string, result: BuildoutArguments): string {
  let rest = word.slice(1);
  for (; rest !== "" && "vqhWUoOnNDA".includes(rest[0]!); rest = rest.slice(1)) {
    const letter = rest[0]!;
    const setting = SETTINGS[letter];
    if (letter === "v") result.verbosity += 10;
    else if (letter === "q") result.verbosity -= 10;
    else if (letter === "U") result.userDefaults = false;
    else if (letter === "D") result.debug = true;
    else if (setting !== undefined) {
      result.assignments.push({ section: "buildout", option: setting[0], value: setting[1] });
    } else result.help = true; // -h, and the long gone -W and -A
  }
  return rest;
}

/** An option word at the head of `words`, with its value from the words behind it. */
function readOption(words: string[], result: BuildoutArguments): void {
  const word = words.shift()!;
  const rest = readLetters(word, result);
  if (rest.startsWith("c")) {
    const file = rest.slice(1) || words.shift();
    if (file === undefined) throw usage(`No file name specified for option ${word}`);
    result.file = file;
  } else if (rest.startsWith("t")) {
    const seconds = words.shift();
    if (seconds === undefined) throw usage(`No timeout value specified for option ${word}`);
    if (!/^\s*[-+]?\d+(_\d+)*\s*$/.test(seconds)) {
      throw usage(`Timeout value must be numeric ${word}`);
    }
    result.assignments.push({ section: "buildout", option: "socket-timeout", value: seconds });
  } else if (word === "--help") result.help = true;
  else if (word === "--version") result.version = true;
  else if (rest !== "") throw usage(`Invalid option -${rest[0]}`);
}

/**
 * Reads a command line as zc.buildout does: options and assignments, then a command
 * and what belongs to it. Reading ends at --help, -h and --version.
 * Throws `usage`.
 */
export function parseArguments(argv: readonly string[]): BuildoutArguments {
  const result: BuildoutArguments = {
    file: "buildout.cfg",
    assignments: [],
    verbosity: 0,
    userDefaults: true,
    debug: false,
    help: false,
    version: false,
    command: "install",
    commandGiven: false,
    commandArguments: [],
  };
  const words = [...argv];
  while (words.length > 0) {
    const word = words[0]!;
    if (word.startsWith("-")) readOption(words, result);
    else if (word.includes("=")) result.assignments.push(assignment(words.shift()!));
    else break;
    if (result.help || result.version) return result;
  }
  if (result.verbosity !== 0) {
    result.assignments.push({
      section: "buildout",
      option: "verbosity",
      value: String(result.verbosity),
    });
  }
  const command = words.shift();
  if (command !== undefined) {
    if (!(COMMANDS as readonly string[]).includes(command)) {
      throw usage(`invalid command: ${command}`, didYouMean(command, COMMANDS));
    }
    result.command = command as Command;
    result.commandGiven = true;
    result.commandArguments = words;
  }
  return result;
}
