import type { Program } from "../../buildout/run/launcher.ts";
import { BuildoutError } from "../../errors/error.ts";
import { painter, useColour } from "../../report/colour.ts";
import { formatError, formatErrorJson } from "../../report/error.ts";
import { logReporter } from "../../report/log.ts";
import { lineReader } from "../terminal/answers.ts";
import { VERSION } from "../version.ts";
import { parseArguments } from "./arguments.ts";
import { type Environment, readCommandWords } from "./command.ts";
import { COMMANDS } from "./commands.ts";
import { commandHelp, findCommand, helpText } from "./help.ts";

const WRONG_USAGE = 2;

/** Exit status after a signal, as shells count it: 128 and the signal's number. */
const SIGNALS = { SIGINT: 130, SIGTERM: 143 } as const;

/** What the command line asks for, without what goes around it. Returns the exit status. */
async function runCommand(argv: readonly string[], environment: Environment): Promise<number> {
  const parsed = parseArguments(argv);
  const answer = parsed.help ? helpText(COMMANDS) : `buildout version ${VERSION}`;
  if (parsed.help || parsed.version) {
    environment.write(`${answer}\n`);
    return 0;
  }
  const command = findCommand(COMMANDS, parsed.command);
  const { args, json, help } = readCommandWords(command, parsed.commandArguments);
  if (!help) return command.run({ parsed, args, json, environment, commands: COMMANDS });
  environment.write(`${commandHelp(command)}\n`);
  return 0;
}

async function run(argv: string[], program: Program, signal: AbortSignal): Promise<number> {
  const { stdout, stderr } = process;
  const warn = (text: string) => stderr.write(text);
  const paint = painter(useColour(stdout));
  const environment: Environment = {
    directory: process.cwd(),
    env: process.env,
    write: (text) => stdout.write(text),
    warn,
    paint,
    report: logReporter((text) => stdout.write(text), paint),
    argv: process.argv.slice(1),
    ask: lineReader(process.stdin, warn),
    program,
    signal,
  };
  try {
    return await runCommand(argv, environment);
  } catch (error) {
    const debug = argv.some((word) => /^-[vqUoOnN]*D/.test(word));
    if (argv.includes("--json")) stdout.write(`${formatErrorJson(error)}\n`);
    else stderr.write(formatError(error, { debug, colour: useColour(stderr) }));
    return error instanceof BuildoutError && error.code === "usage" ? WRONG_USAGE : 1;
  }
}

/**
 * The whole life of a `buildout` process: arguments, signals, output, exit
 * status. `program` is what `bin/buildout` has to start.
 */
export async function runBuildout(program: Program): Promise<void> {
  const interruption = new AbortController();
  for (const [name, status] of Object.entries(SIGNALS)) {
    process.once(name, () => {
      // Whoever has something to clean up does it while abort() runs.
      interruption.abort();
      process.stderr.write("\nInterrupted.\n");
      process.exit(status);
    });
  }
  // The reader of a pipe may have seen enough: `buildout | head`. The run goes on.
  process.stdout.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code !== "EPIPE") throw error;
  });
  const status = await run(process.argv.slice(2), program, interruption.signal);
  // Not left to the event loop: a recipe may have forgotten a timer or a socket.
  process.stdout.write("", () => process.exit(status));
}
