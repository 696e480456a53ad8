import type { Program } from "../../buildout/run/launcher.ts";
import { BuildoutError } from "../../errors/error.ts";
import { painter, useColour } from "../../report/colour.ts";
import { formatError, formatErrorJson } from "../../report/error.ts";
import { lineReader } from "../terminal/answers.ts";
import { VERSION } from "../version.ts";
import { parseArguments } from "./arguments.ts";
import { runCommand, type Surroundings } from "./commands.ts";
import { completionScript } from "./completion.ts";
import { commandHelp, helpText } from "./help.ts";

/** Exit status after a signal, as shells count it: 128 and the signal's number. */
const SIGNALS = { SIGINT: 130, SIGTERM: 143 } as const;

/** Help, version and completion need no configuration. Undefined: something else is asked for. */
function information(argv: readonly string[]): string | undefined {
  const [first, second] = argv;
  if (first === "completion") return completionScript(second);
  if (first === "help") return second === undefined ? helpText() : commandHelp(second);
  const parsed = parseArguments(argv);
  if (parsed.help) return helpText();
  if (parsed.version) return `buildout version ${VERSION}`;
  const { command, commandArguments } = parsed;
  // What follows the script of `setup` is the script's.
  const own = command.endsWith("setup") ? commandArguments.slice(0, 1) : commandArguments;
  if (own.some((word) => word === "--help" || word === "-h")) {
    return commandHelp(command);
  }
  return undefined;
}

async function run(argv: string[], program: Program, signal: AbortSignal): Promise<number> {
  const { stdout, stderr } = process;
  const warn = (text: string) => stderr.write(text);
  const around: Surroundings = {
    directory: process.cwd(),
    env: process.env,
    write: (text) => stdout.write(text),
    warn,
    paint: painter(useColour(stdout)),
    argv: process.argv.slice(1),
    ask: lineReader(process.stdin, warn),
    program,
    signal,
  };
  try {
    if (argv[0] === "develop") {
      const { developCommand } = await import("./develop.ts");
      return await developCommand(argv.slice(1), around);
    }
    const text = information(argv);
    if (text !== undefined) {
      stdout.write(`${text}\n`);
      return 0;
    }
    return await runCommand(parseArguments(argv), around);
  } catch (error) {
    const debug = argv.some((word) => /^-[vqUoOnN]*D/.test(word));
    if (argv.includes("--json")) stdout.write(`${formatErrorJson(error)}\n`);
    else stderr.write(formatError(error, { debug, colour: useColour(stderr) }));
    // As Python's argparse, which `bin/develop` was written with.
    const isWrongUsage = error instanceof BuildoutError && error.code === "usage";
    return argv[0] === "develop" && isWrongUsage ? 2 : 1;
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
