import {
  isOptionWord,
  type OptionDefinition,
  type OptionUse,
  takeOption,
} from "../../arguments/grammar.ts";
import type { Assignment } from "../../config/merge/assignments.ts";
import { BuildoutError } from "../../errors/error.ts";

/** A parsed command line of `buildout`. */
export interface BuildoutArguments {
  /** The configuration, a path or URL as written. */
  file: string;
  /** In the order given; `-o`, `-N`, `-t` and the like are assignments too. */
  assignments: Assignment[];
  /** 10 for each -v, -10 for each -q. */
  verbosity: number;
  /** False for -U. */
  userDefaults: boolean;
  /** Milliseconds to wait for another buildout in the directory; undefined: no limit. */
  lockWait: number | undefined;
  /** -D: show the stack of an error. */
  debug: boolean;
  help: boolean;
  version: boolean;
  /** --json before the command. */
  json: boolean;
  command: string;
  /** Whether a command was named; the default is `install`. */
  commandGiven: boolean;
  commandArguments: string[];
}

/** The options of `buildout`, which go before the command, as in zc.buildout. */
export const OPTIONS: readonly OptionDefinition[] = [
  {
    name: "file",
    letter: "c",
    value: { placeholder: "FILE", called: "file name" },
    help: "Configuration file or URL (default: buildout.cfg)",
  },
  { name: "newest=false", letter: "N", help: "Do not look for newer distributions" },
  { name: "newest=true", letter: "n", help: "Look for newer distributions" },
  { name: "offline=true", letter: "o", help: "Offline" },
  { name: "offline=false", letter: "O", help: "Online" },
  { name: "userDefaults", letter: "U", help: "Ignore the user's ~/.buildout/default.cfg" },
  { name: "louder", letter: "v", help: "More output; can be repeated" },
  { name: "quieter", letter: "q", help: "Less output; can be repeated" },
  {
    name: "timeout",
    letter: "t",
    value: { placeholder: "SECONDS", called: "timeout value" },
    help: "Time-out of network connections",
  },
  {
    name: "lockWait",
    long: "lock-wait",
    value: { placeholder: "SECONDS", called: "number of seconds" },
    help: "How long to wait for another buildout in the directory",
  },
  { name: "debug", letter: "D", help: "Show the stack of every error" },
  { name: "json", long: "json", help: "Print JSON; for a run, its events, one per line" },
  { name: "help", letter: "h", long: "help", help: "Show this help" },
  { name: "version", long: "version", help: "Show the version" },
  // Long removed from zc.buildout, which still prints its help for them.
  { name: "help", letter: "W" },
  { name: "help", letter: "A" },
];

function assignment(text: string): Assignment {
  const equals = text.indexOf("=");
  const names = text.slice(0, equals).split(":");
  if (names.length > 2 || names.at(-1)!.trim() === "") {
    throw new BuildoutError(
      "usage",
      `Invalid option: ${text.slice(0, names.length > 2 ? equals : undefined)}`,
      {
        hint: "Write section:option=value.",
      },
    );
  }
  const [section, option] = names.length === 2 ? names : ["buildout", names[0]];
  return {
    section: section!.trim(),
    option: option!.trim(),
    value: text.slice(equals + 1).trim(),
  };
}

function timeout(seconds: string, word: string): Assignment {
  if (!/^\s*[-+]?\d+(_\d+)*\s*$/.test(seconds)) {
    throw new BuildoutError("usage", `Timeout value must be numeric ${word}`);
  }
  return { section: "buildout", option: "socket-timeout", value: seconds };
}

function milliseconds(seconds: string, word: string): number {
  if (/^\d+(\.\d+)?$/.test(seconds)) return Number(seconds) * 1000;
  throw new BuildoutError("usage", `The value must be a number of seconds: ${word}`);
}

function apply(result: BuildoutArguments, { option, value, word }: OptionUse): void {
  const { name } = option;
  if (name === "file") result.file = value!;
  else if (name === "timeout") result.assignments.push(timeout(value!, word));
  else if (name === "lockWait") result.lockWait = milliseconds(value!, word);
  else if (name === "louder") result.verbosity += 10;
  else if (name === "quieter") result.verbosity -= 10;
  else if (name === "userDefaults") result.userDefaults = false;
  else if (name === "debug" || name === "help" || name === "version" || name === "json")
    result[name] = true;
  else result.assignments.push(assignment(name));
}

/**
 * Reads a command line as zc.buildout does: options and assignments, then a command and its arguments.
 * Reading ends at --help, -h and --version, except for later options that change what is printed. Throws
 * `usage`.
 */
export function parseArguments(argv: readonly string[]): BuildoutArguments {
  const result: BuildoutArguments = {
    file: "buildout.cfg",
    assignments: [],
    verbosity: 0,
    userDefaults: true,
    lockWait: undefined,
    debug: false,
    help: false,
    version: false,
    json: false,
    command: "install",
    commandGiven: false,
    commandArguments: [],
  };
  const words = [...argv];
  while (words.length > 0) {
    if (isOptionWord(words[0])) {
      for (const use of takeOption(words, OPTIONS)) {
        apply(result, use);
        if (!result.help && !result.version) continue;
        for (const word of words) {
          if (!isOptionWord(word)) break;
          result.json ||= word === "--json";
          result.help ||= /^(--help|-[hWA])$/.test(word);
        }
        return result;
      }
    } else if (words[0]!.includes("=")) result.assignments.push(assignment(words.shift()!));
    else break;
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
    result.command = command;
    result.commandGiven = true;
    result.commandArguments = words;
  }
  return result;
}
