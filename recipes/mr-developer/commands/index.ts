import { parseArgs } from "node:util";
import { BuildoutError, didYouMean, messageOf } from "../../../src/index.ts";
import { activate, deactivate, reset } from "./activation.ts";
import {
  type Command,
  type CommandArguments,
  type CommandContext,
  isCheckedOut,
} from "./command.ts";
import { commandHelp, overview, restructuredText, usage } from "./help.ts";
import { rebuild, showArguments } from "./last-run.ts";
import { info, list, status } from "./listing.ts";
import { checkout, purge, update } from "./working-copies.ts";

const help: Command = {
  name: "help",
  aliases: ["h"],
  description: "Show help on the given command or about the whole script if none given.",
  flags: [
    { long: "rst", help: "Print help for all commands in reStructuredText format." },
    { short: "z", long: "zsh", help: "Print info for zsh autocompletion" },
  ],
  words: "command",
  async run() {},
};

const COMMANDS: readonly Command[] = [
  activate,
  showArguments,
  checkout,
  deactivate,
  help,
  info,
  list,
  purge,
  rebuild,
  reset,
  status,
  update,
];

/** A parsed command line of `bin/develop`. */
export type Request =
  | { kind: "text"; text: string }
  | { kind: "version" }
  /** Words for the completion of a command's arguments. */
  | { kind: "completion"; command: string }
  | { kind: "run"; command: Command; args: CommandArguments };

function usageError(message: string, hint: string): BuildoutError {
  return new BuildoutError("usage", message, { hint });
}

function findCommand(name: string): Command {
  const found = COMMANDS.find((command) => command.name === name || command.aliases.includes(name));
  if (found) return found;
  const names = COMMANDS.flatMap((command) => [command.name, ...command.aliases]);
  throw usageError(
    `There is no command '${name}'.`,
    didYouMean(name, names) ?? "`develop help` lists the commands.",
  );
}

/** Throws `usage` for anything unknown to the command. */
function parseCommandArguments(
  command: Command,
  argv: readonly string[],
): CommandArguments & { help: boolean } {
  const options = Object.fromEntries(
    [{ short: "h", long: "help" }, ...command.flags].map(({ short, long }) => [
      long,
      { type: "boolean" as const, ...(short && { short }) },
    ]),
  );
  let tokens: NonNullable<ReturnType<typeof parseArgs>["tokens"]>;
  try {
    ({ tokens } = parseArgs({ args: [...argv], options, allowPositionals: true, tokens: true }));
  } catch (error) {
    throw usageError(messageOf(error).split(/\. |\n/)[0]!, usage(command));
  }
  const flags = tokens.flatMap((token) => (token.kind === "option" ? token.name : []));
  const words = tokens.flatMap((token) => (token.kind === "positional" ? token.value : []));
  const asksForHelp = flags.includes("help");
  const allowed = { none: 0, command: 1, regexps: Infinity, "regexps-required": Infinity };
  if (!asksForHelp && words.length > allowed[command.words]) {
    throw usageError(`Unexpected argument '${words[allowed[command.words]]}'.`, usage(command));
  }
  if (!asksForHelp && command.words === "regexps-required" && words.length === 0) {
    throw usageError("A package-regexp is missing.", usage(command));
  }
  return { flags, words, help: asksForHelp };
}

function helpText({ flags, words }: CommandArguments): Request {
  const [name] = words;
  if (flags.includes("zsh")) return { kind: "completion", command: name ?? "help" };
  if (flags.includes("rst")) return { kind: "text", text: restructuredText(COMMANDS) };
  return { kind: "text", text: name ? commandHelp(findCommand(name)) : overview(COMMANDS) };
}

/** Reads the arguments of `bin/develop`. Throws `usage`. */
export function parseDevelop(argv: readonly string[]): Request {
  const [name, ...rest] = argv;
  if (name === undefined || name === "-h" || name === "--help") {
    return { kind: "text", text: overview(COMMANDS) };
  }
  if (name === "-v" || name === "--version") return { kind: "version" };
  const command = findCommand(name);
  const args = parseCommandArguments(command, rest);
  if (args.help) return { kind: "text", text: commandHelp(command) };
  return command === help ? helpText(args) : { kind: "run", command, args };
}

/** The words that can follow a command, one per line: for `_develop` of zsh. */
export function completions(name: string, { project }: CommandContext): string {
  if (name === "help")
    return COMMANDS.flatMap(({ name, aliases }) => [name, ...aliases]).join("\n");
  const { words } = findCommand(name);
  if (words === "none") return "";
  const updated = ["purge", "update", "up"].includes(name);
  return [...project.sources.keys()]
    .filter((source) => !updated || isCheckedOut(project, source))
    .join("\n");
}
