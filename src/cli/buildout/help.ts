import { optionLines } from "../../arguments/grammar.ts";
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

const ASSIGNMENTS = `Assignments go before the command and win over the configuration files:
  SECTION:OPTION=VALUE, SECTION:OPTION+=VALUE, SECTION:OPTION-=VALUE
  Without SECTION the option is one of [buildout].`;

const EXAMPLES = `Examples:
  buildout                            install what buildout.cfg says
  buildout -c production.cfg          the same for another configuration
  buildout -o install web             only the part 'web', without network
  buildout web:port=8080 config web   what [web] becomes with another port
  buildout -v annotate versions       where each pin comes from`;

const EXIT = `Exit status:
  0         success
  1         an error, described on stderr
  2         wrong usage; nothing was done
  130, 143  interrupted by Ctrl-C, ended by SIGTERM; the part is rolled back`;

/** The text of `buildout --help`. */
export function helpText(commands: readonly BuildoutCommand[]): string {
  const lines = commands.map(({ name, summary }) => `  ${name.padEnd(10)}  ${summary}`);
  return [
    "Usage: buildout [options] [assignments] [command [arguments]]",
    `Commands (buildout help COMMAND describes one):\n${lines.join("\n")}`,
    `Options:\n${optionLines(OPTIONS)}`,
    ASSIGNMENTS,
    EXAMPLES,
    EXIT,
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

/** The help of one command. */
export function commandHelp(command: BuildoutCommand): string {
  const { name, arguments: usage, options = [], summary, details, example } = command;
  const own = options === "untouched" ? [] : options;
  const words = [
    name,
    ...(usage === "none" ? [] : [usage]),
    ...own.map(({ long }) => `[--${long}]`),
  ];
  return [
    `Usage: buildout [options] [assignments] ${words.join(" ")}`,
    `${summary}.`,
    ...(details === undefined ? [] : [details]),
    `Example:\n  buildout ${example}`,
  ].join("\n\n");
}
