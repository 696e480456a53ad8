/** logs: the ends of log files, and what is appended to them. */
import { PassThrough } from "node:stream";
import { readOwnWords } from "../../arguments/own-words.ts";
import { BuildoutError } from "../../errors/error.ts";
import { shellProgram } from "../../ssh/commands/shell-program.ts";
import program from "../host/programs/logs.sh?raw";
import { DEFAULT_SHELL } from "../part/options.ts";
import type { CommandContext, CommandDefinition } from "../run/chain.ts";

/** Exit status of the program if the pattern is invalid. */
const NO_PATTERN = 2;

export const logsCommand: CommandDefinition = {
  name: "logs",
  parallel: true,
  description: "Show the last lines of log files, and follow them",
  arguments: "[FILE...]",
  own: [
    { name: "follow", letter: "f", long: "follow", help: "Follow the files until Ctrl-C" },
    {
      name: "lines",
      letter: "n",
      long: "lines",
      value: { placeholder: "LINES", called: "number" },
      help: "Number of lines per file; default: 10",
    },
    {
      name: "grep",
      long: "grep",
      value: { placeholder: "PATTERN", called: "pattern" },
      help: "Show only lines that match the regular expression (grep -E)",
    },
  ],
  together({ args, given }) {
    const lines = given.get("lines") ?? "10";
    if (!/^\d{1,9}$/.test(lines)) return `needs a number of lines, not '${lines}'.`;
    if (given.get("grep") === "") return "takes no empty pattern.";
    const astray = args.find((file) => file.split("/").includes("..") && !file.startsWith("/"));
    return astray && `takes files below the path of the host, or absolute ones, not '${astray}'.`;
  },
  help: "FILEs are paths or patterns such as var/log/web*.log, relative to the path of the host or absolute;\ndefault: log-files. -f also follows files that are rotated.",
  example: "logs -f --grep 'ERROR|WARN' var/log/web.log",
  source: "collective.hostout",
  run: logs,
};

async function logs(
  { session, options }: CommandContext,
  words: readonly unknown[],
): Promise<false | undefined> {
  const { args, given } = readOwnWords(logsCommand, words.map(String));
  const { directory } = await session.facts();
  const pattern = given.get("grep") ?? "";
  const follow = given.has("follow");
  const files = args.length > 0 ? args : options.logFiles;
  const script = shellProgram(program, [
    ...[directory, follow ? "yes" : "no", given.get("lines") ?? "10", pattern],
    ...files,
  ]);
  const { code } = await session.run(script, {
    ...{ cwd: null, shell: DEFAULT_SHELL, hidden: new Set(["running"]), keep: "end" },
    // The program ends when its input ends, and so with the connection.
    ...(follow && { input: new PassThrough() }),
  });
  if (code === NO_PATTERN && pattern !== "") {
    throw new BuildoutError("usage", `'${pattern}' is not a regular expression for grep -E.`);
  }
  return code === 0 ? undefined : false;
}
