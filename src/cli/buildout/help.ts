import { columns, optionLines, optionUsage, type Row } from "../../arguments/grammar.ts";
import { BuildoutError } from "../../errors/error.ts";
import { didYouMean } from "../../errors/nearest.ts";
import { OPTIONS } from "./arguments.ts";
import type { BuildoutCommand } from "./command.ts";

export const help: BuildoutCommand = {
  name: "help",
  arguments: "[COMMAND]",
  summary: "Show this help, or the help of one command",
  example: "help install",
  async run({ args: [name], environment, commands }) {
    const text = name === undefined ? helpText(commands) : commandHelp(findCommand(commands, name));
    environment.write(`${text}\n`);
    return 0;
  },
};

/** Forms of assignments. */
export const ASSIGNMENTS: readonly string[] = [
  "SECTION:OPTION=VALUE",
  "SECTION:OPTION+=VALUE",
  "SECTION:OPTION-=VALUE",
];

export const ABOUT_ASSIGNMENTS = [
  "Assignments go before the command and override the configuration files:",
  "Without SECTION, the option belongs to [buildout].",
] as const;

/** Command lines and what they do. */
export const EXAMPLES: readonly Row[] = [
  ["buildout", "build what buildout.cfg describes"],
  ["buildout -c production.cfg", "use another configuration"],
  ["buildout -o install web", "install only the part 'web', offline"],
  ["buildout web:port=8080 config web", "show [web] with another port"],
  ["buildout -v annotate versions", "show where each pin comes from"],
];

export const EXIT_STATUS: readonly Row[] = [
  ["0", "success"],
  ["1", "an error; details on stderr"],
  ["2", "wrong usage; nothing was done"],
  ["130, 143", "interrupted by Ctrl-C or ended by SIGTERM; the part is rolled back"],
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

/** The command of that name. Throws `usage` if there is none. */
export function findCommand(commands: readonly BuildoutCommand[], name: string): BuildoutCommand {
  const command = commands.find((one) => one.name === name || one.alias === name);
  if (command !== undefined) return command;
  const names = commands.map((one) => one.name);
  throw new BuildoutError("usage", `invalid command: ${name}`, {
    hint: didYouMean(name, names) ?? "'buildout --help' lists the commands.",
  });
}

/** A command with its usage: `install [PART...] [--plan]`. */
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
