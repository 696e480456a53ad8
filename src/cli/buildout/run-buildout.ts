import type { Program } from "../../buildout/run/launcher.ts";
import type { Shown } from "../../contract/engine.ts";
import { BuildoutError } from "../../errors/error.ts";
import { VERSION } from "../../program/version.ts";
import { painter, useColor } from "../../report/color.ts";
import { formatError, formatErrorJson } from "../../report/error.ts";
import { logReporter } from "../../report/log.ts";
import type { EventsRun } from "../json/events-run.ts";
import { isTerminal, surviveLostOutput } from "../terminal/output.ts";
import { directoryIfAny, workingDirectory } from "../working-directory.ts";
import { parseArguments } from "./arguments.ts";
import {
  type BuildoutCommand,
  type Environment,
  JSON_OPTION,
  readCommandWords,
} from "./command.ts";
import { COMMANDS } from "./commands.ts";
import { commandHelp, findCommand, helpText } from "./help.ts";

const WRONG_USAGE = 2;

/** Exit status after a signal, as shells count it: 128 and the signal's number. */
const SIGNALS = { SIGINT: 130, SIGTERM: 143 } as const;

function readLine(argv: readonly string[]) {
  const parsed = parseArguments(argv);
  const command = findCommand(COMMANDS, parsed.command);
  return { parsed, command, ...readCommandWords(command, parsed.commandArguments) };
}

/** Runs the command itself. Returns the exit status. */
async function runCommand(argv: readonly string[], environment: Environment): Promise<number> {
  const parsed = parseArguments(argv);
  const answer = parsed.help ? helpText(COMMANDS) : `buildout version ${VERSION}`;
  if (parsed.help || parsed.version) {
    if (parsed.json) throw noJson(parsed.help ? "help" : "--version");
    environment.write(`${answer}\n`);
    return 0;
  }
  const { command, args, given } = readLine(argv);
  if (given.has("help")) {
    if (parsed.json || given.has("json")) throw noJson("help");
    environment.write(`${commandHelp(command)}\n`);
    return 0;
  }
  if (parsed.json && !hasJson(command)) {
    throw new BuildoutError("usage", `'${command.name}' has no option --json.`);
  }
  return command.run({
    ...{ parsed, args, given, environment, commands: COMMANDS },
    json: given.has("json") || parsed.json,
    events: command.events === true,
  });
}

/** Whether the command line asks for JSON, and for JSON events, even if it is otherwise wrong. */
async function asksFor(argv: readonly string[]) {
  if (!argv.includes("--json")) return { json: false, events: false };
  return (await import("./json-wanted.ts")).asksFor(argv, COMMANDS, readLine);
}

function noJson(name: string): BuildoutError {
  return new BuildoutError("usage", `'${name}' has no JSON output.`);
}

function hasJson({ events, options }: BuildoutCommand): boolean {
  return events === true || (options !== "untouched" && options?.includes(JSON_OPTION) === true);
}

async function run(
  argv: string[],
  program: Program,
  signal: AbortSignal,
  events: EventsRun | undefined,
  shown: Shown,
): Promise<number> {
  const write = (text: string) => process.stdout.write(shown.hide(text));
  const warn = (text: string) => process.stderr.write(shown.hide(text));
  const paint = painter(useColor({ isTTY: isTerminal(1) }, process.env));
  const report = events?.report ?? logReporter(write, paint);
  let answers: Environment["ask"] | undefined;
  const ask = async (question: string) => {
    const { lineReader } = await import("../terminal/answers.ts");
    answers ??= lineReader(process.stdin, warn);
    return answers(question);
  };
  const isWatched = isTerminal(2) && events === undefined;
  const waits = isWatched ? (await import("./long-waits.ts")).followed(report, ask) : undefined;
  const environment: Environment = {
    directory: directoryIfAny(),
    env: process.env,
    write,
    warn,
    paint,
    report: waits?.report ?? report,
    argv: process.argv.slice(1),
    ask: waits?.ask ?? ask,
    program,
    signal,
    shown,
  };
  try {
    workingDirectory();
    const status = await runCommand(argv, environment);
    if (events) events.succeeded();
    else report({ type: "done", ok: true });
    return status;
  } catch (error) {
    const debug = argv.some((word) => /^-[vqUoOnN]*D/.test(word));
    const color = useColor(process.stderr, environment.env);
    await waits?.end();
    if (!events) report({ type: "done", ok: false });
    if (events) events.failed(error);
    else if ((await asksFor(argv)).json) write(`${formatErrorJson(error)}\n`);
    else warn(formatError(error, { debug, color, directory: environment.directory }));
    return error instanceof BuildoutError && error.code === "usage" ? WRONG_USAGE : 1;
  }
}

/**
 * If events are requested, this process only starts another one that has its own descriptors for them, and
 * ends with it. Undefined: text is requested.
 */
async function beginEvents(
  argv: readonly string[],
  shown: Shown,
  lost: (error: unknown) => void,
): Promise<EventsRun | undefined> {
  if (!(await asksFor(argv)).events) return undefined;
  const { eventsDescriptor, runAside } = await import("../json/aside.ts");
  const descriptor = eventsDescriptor();
  if (descriptor === undefined) process.exit(await runAside());
  const { eventsRun } = await import("../json/events-run.ts");
  return eventsRun(descriptor, shown, lost);
}

/**
 * The whole life of a `buildout` process: arguments, signals, output, exit
 * status. `program` is what `bin/buildout` has to start.
 */
export async function runBuildout(program: Program): Promise<void> {
  const argv = process.argv.slice(2);
  const shown: Shown = { hide: (text) => text };
  const output = surviveLostOutput(process);
  const events = await beginEvents(argv, shown, output.lost);
  const interruption = new AbortController();
  for (const [name, status] of Object.entries(SIGNALS)) {
    // With --json, Ctrl-C arrives twice: from the terminal and from the parent process.
    process[events === undefined ? "once" : "on"](name, () => {
      // abort() cleans up synchronously.
      interruption.abort();
      events?.failed(new BuildoutError("interrupted", "Interrupted."));
      process.stderr.write("\nInterrupted.\n");
      process.exit(status);
    });
  }
  const status = await run(argv, program, interruption.signal, events, shown);
  // Exit explicitly: a recipe may have left a timer or a socket open.
  const exit = () => process.exit(Math.max(status, output.isLost() ? 1 : 0));
  if (output.isUsed()) process.stdout.write("", exit);
  else exit();
}
