import type { Command, Flag } from "./command.ts";

const WIDTH = 78;
const COLUMN = 24;

/** Wraps the lines of a text; indented lines are kept. */
function wrap(text: string, width: number): string[] {
  return text.split("\n").flatMap((line) => {
    if (line.length <= width || line.startsWith(" ")) return [line];
    const lines: string[] = [];
    for (const word of line.split(" ")) {
      const last = lines.at(-1);
      if (last !== undefined && last.length + 1 + word.length <= width) {
        lines[lines.length - 1] = `${last} ${word}`;
      } else lines.push(word);
    }
    return lines;
  });
}

function entry(head: string, help: string): string {
  const [first = "", ...rest] = wrap(help, WIDTH - COLUMN);
  const indented = rest.map((line) => (line === "" ? "" : " ".repeat(COLUMN) + line));
  const opening =
    head.length + 4 > COLUMN
      ? [`  ${head}`, " ".repeat(COLUMN) + first]
      : [`  ${head}`.padEnd(COLUMN) + first];
  return [...opening, ...indented].join("\n");
}

const HELP: Flag = { short: "h", long: "help", help: "show this help message and exit" };

const WORDS: Record<Command["words"], { usage: string; entries: string[] }> = {
  none: { usage: "", entries: [] },
  command: {
    usage: " [command]",
    entries: [entry("command", "The command you want to see the help of.")],
  },
  regexps: {
    usage: " [package-regexp ...]",
    entries: [entry("package-regexp", "A regular expression to match package names.")],
  },
  "regexps-required": {
    usage: " package-regexp [package-regexp ...]",
    entries: [entry("package-regexp", "A regular expression to match package names.")],
  },
};

function flagEntry({ short, long, help }: Flag): string {
  return entry(short === undefined ? `--${long}` : `-${short}, --${long}`, help);
}

/** `usage: develop list [-h] ...`. */
export function usage({ name, flags, words }: Command): string {
  const options = [HELP, ...flags].map(
    ({ short, long }) => ` [${short ? `-${short}` : `--${long}`}]`,
  );
  return `usage: develop ${name}${options.join("")}${WORDS[words].usage}`;
}

/** The help of one command. */
export function commandHelp(command: Command): string {
  const { entries } = WORDS[command.words];
  const blocks = [
    usage(command),
    wrap(command.description, WIDTH).join("\n"),
    ...(entries.length === 0 ? [] : [`positional arguments:\n${entries.join("\n")}`]),
    `options:\n${[HELP, ...command.flags].map(flagEntry).join("\n")}`,
  ];
  return `${blocks.join("\n\n")}\n`;
}

function titleOf({ name, aliases }: Command): string {
  return aliases.length === 0 ? name : `${name} (${aliases.join(", ")})`;
}

/** The output of `bin/develop help`. */
export function overview(commands: readonly Command[]): string {
  const entries = commands.map((command) =>
    entry(titleOf(command), command.description.split("\n")[0]!),
  );
  return `usage: develop [-h] [-v] COMMAND ...

Works on the packages of [sources]. \`develop COMMAND --help\` tells more.

Available commands:
${entries.join("\n")}

options:
${flagEntry(HELP)}
${entry("-v, --version", "show program's version number and exit")}
`;
}

/** The help of all commands in reStructuredText. */
export function restructuredText(commands: readonly Command[]): string {
  const chapters = commands.map((command) => {
    const title = titleOf(command);
    const text = commandHelp(command).replace(/^(?=.)/gm, "    ");
    return `${title}\n${"-".repeat(title.length)}\n\n::\n\n${text}`;
  });
  return `Commands\n========\n\nThe following is a list of all commands and their options.\n\n${chapters.join("\n")}`;
}
