import { columns, optionLines, optionUsage, type Row } from "../../arguments/grammar.ts";
import { BuildoutError } from "../../errors/error.ts";
import { didYouMean } from "../../errors/nearest.ts";
import { OPTIONS } from "./arguments.ts";
import type { BuildoutCommand } from "./command.ts";

export const help: BuildoutCommand = {
  name: "help",
  arguments: "[COMMAND]",
  summary: "Show this text, or the help of one command",
  example: "help install",
  async run({ args: [name], environment, commands }) {
    const text = name === undefined ? helpText(commands) : commandHelp(findCommand(commands, name));
    environment.write(`${text}\n`);
    return 0;
  },
};

/** Assignments, as they are written. */
export const ASSIGNMENTS: readonly string[] = [
  "SECTION:OPTION=VALUE",
  "SECTION:OPTION+=VALUE",
  "SECTION:OPTION-=VALUE",
];

export const ABOUT_ASSIGNMENTS = [
  "Assignments go before the command and win over the configuration files:",
  "Without SECTION the option is one of [buildout].",
] as const;

/** Command lines, and what they do. */
export const EXAMPLES: readonly Row[] = [
  ["buildout", "install what buildout.cfg says"],
  ["buildout -c production.cfg", "the same for another configuration"],
  ["buildout -o install web", "only the part 'web', without network"],
  ["buildout web:port=8080 config web", "what [web] becomes with another port"],
  ["buildout -v annotate versions", "where each pin comes from"],
];

export const EXIT_STATUS: readonly Row[] = [
  ["0", "success"],
  ["1", "an error, described on stderr"],
  ["2", "wrong usage; nothing was done"],
  ["130, 143", "interrupted by Ctrl-C, ended by SIGTERM; the part is rolled back"],
];

/** The text of `buildout --help`. */
export function helpText(commands: readonly BuildoutCommand[]): string {
  const list = commands.map(({ name, summary }) => [name, summary] as const);
  const [assign, without] = ABOUT_ASSIGNMENTS;
  return [
    "Usage: buildout [options] [assignments] [command [arguments]]",
    `Commands (buildout help COMMAND describes one):\n${columns(list)}`,
    `Options:\n${optionLines(OPTIONS)}`,
    `${assign}\n  ${ASSIGNMENTS.join(", ")}\n  ${without}`,
    `Examples:\n${columns(EXAMPLES)}`,
    `Exit status:\n${columns(EXIT_STATUS)}`,
  ].join("\n\n");
}

/** The command of that name. Throws `usage` where there is none. */
export function findCommand(commands: readonly BuildoutCommand[], name: string): BuildoutCommand {
  const command = commands.find((one) => one.name === name || one.alias === name);
  if (command !== undefined) return command;
  const names = commands.map((one) => one.name);
  throw new BuildoutError("usage", `invalid command: ${name}`, {
    hint: didYouMean(name, names) ?? "'buildout --help' lists the commands.",
  });
}

/** A command with what it takes: `install [PART...] [--plan]`. */
export function commandForm({ name, arguments: usage, options = [] }: BuildoutCommand): string {
  const own = options === "untouched" ? "" : optionUsage(options);
  return [name, usage === "none" ? "" : usage, own].filter((word) => word !== "").join(" ");
}

/** The help of one command. */
export function commandHelp(command: BuildoutCommand): string {
  const { options = [], summary, details, example } = command;
  return [
    `Usage: buildout [options] [assignments] ${commandForm(command)}`,
    `${summary}.`,
    ...(details === undefined ? [] : [details]),
    ...(options === "untouched" || options.length === 0
      ? []
      : [`Options:\n${optionLines(options)}`]),
    `Example:\n  buildout ${example}`,
  ].join("\n\n");
}
