import { existsSync, openSync } from "node:fs";
import { resolve } from "node:path";
import { HiddenValues } from "../../buildout/secrets/hidden-values.ts";
import { type FabfileRun, fabfileRun } from "../../deploy/fabfile/run.ts";
import type { Project } from "../../deploy/part/project.ts";
import type { Programs } from "../../deploy/release/deployment.ts";
import type { CommandChains } from "../../deploy/run/chain.ts";
import { hidingReporter } from "../../deploy/run/hidden-events.ts";
import { BuildoutError } from "../../errors/error.ts";
import type { HostoutEvent } from "../../events/deployment.ts";
import { errorData } from "../../events/error-data.ts";
import type { Reporter } from "../../events/reporter.ts";
import { loadCommands, openProject } from "../../program/host-commands.ts";
import { VERSION } from "../../program/version.ts";
import { reasonOf } from "../../system/reason.ts";
import { keepTimings, type Timing, timed } from "../../system/timings.ts";
import { Interruption } from "../terminal/interruption.ts";
import { surviveLostOutput } from "../terminal/output.ts";
import { workingDirectory } from "../working-directory.ts";
import { help, helpFor, unlessOutside } from "./help-answer.ts";
import { commandList, hostList } from "./hostout-help.ts";
import { type HostoutOptions, NO_OPTIONS, OPTIONS } from "./hostout-options.ts";
import { runCommands } from "./run-commands.ts";
import { showError, statusOf } from "./show-error.ts";
import { type ShownOptions, WordsReader } from "./words.ts";

const USAGE = "cmdline is: bin/hostout host1 [host2...] [all] cmd1 [cmd2...] [arg1 arg2...]";
/** Exit status if something in the terminal's process group received Ctrl-C before us. */
const INTERRUPTED = 130;

/** The context of one call of the command line. */
interface Call {
  /** The hostout.cfg of the script that was called. */
  configuration: string | undefined;
  programs: Programs;
  interruption: Interruption;
  /** The secrets that were read. */
  hidden: HiddenValues;
  fabfiles: FabfileRun;
  /** Receives the events of the run if they are wanted as JSON. */
  lines: Reporter<HostoutEvent> | undefined;
  /** Receives them if they go to a file. */
  file: Reporter<HostoutEvent> | undefined;
  /** Called if they cannot be written. */
  lost(error: unknown): void;
}

/**
 * Runs `bin/hostout` with `argv` (no node, no script) for the buildout whose hostout.cfg is
 * `configuration`, unless the arguments name another. Returns the exit status.
 */
export async function runHostout(
  argv: readonly string[],
  configuration: string | undefined,
  programs: Programs,
): Promise<number> {
  const timings: Timing[] = [];
  const interruption = new Interruption();
  const output = surviveLostOutput(process);
  const unlisten = interruption.listen();
  const fabfiles = fabfileRun(interruption.signal, "stdout", process.env);
  const words = new WordsReader(argv);
  const call: Call = {
    configuration,
    programs,
    interruption,
    hidden: new HiddenValues(),
    fabfiles,
    lines: undefined,
    file: undefined,
    lost: output.lost,
  };
  const failed = async (error: unknown) => {
    await chooseOutput(call, words.shown());
    for (const report of [call.lines, call.file]) {
      if (report === undefined) continue;
      hidingReporter(report, call.hidden)({ type: "error", ...errorData(error) });
      report({ type: "done", ok: false, failed: [], notReached: [] });
    }
  };
  try {
    const status = await keepTimings(timings, () => hostout(words, call));
    if (words.shown().timings) {
      const { timingsTable } = await import("../../report/timings.ts");
      process.stderr.write(timingsTable(timings, performance.now()));
    }
    await new Promise(setImmediate);
    return Math.max(status, output.isLost() ? 1 : 0);
  } catch (error) {
    // Others in the terminal's process group may have received it before us.
    const isOurs = error instanceof BuildoutError && error.code === "interrupted";
    if (isOurs || interruption.signal.aborted) {
      await failed(new BuildoutError("interrupted", "Interrupted."));
      process.stderr.write("\nInterrupted.\n");
      return interruption.status ?? INTERRUPTED;
    }
    await failed(error);
    if (call.lines === undefined) showError(error, words.shown(), call.hidden);
    return statusOf(error);
  } finally {
    await Promise.all(fabfiles.closing.map((close) => close()));
    unlisten();
  }
}

/** Where events and the output of fabfiles go. */
async function chooseOutput(call: Call, { json }: ShownOptions): Promise<void> {
  call.fabfiles.output = json ? "stderr" : "stdout";
  call.lines = json ? (call.lines ?? (await jsonLines(call.lost))) : undefined;
}

async function hostout(words: WordsReader, call: Call): Promise<number> {
  let project: Project | undefined;
  let chains: ReadonlyMap<string, CommandChains> = new Map();
  const invocation = await words.read({
    async hosts(options) {
      project = await timed("project", undefined, () => projectOf(options, call));
      return [...project.hosts.values()];
    },
    async commands(hosts) {
      await chooseOutput(call, words.shown());
      chains = await timed("commands", undefined, () =>
        loadCommands(project!, hosts, call.fabfiles),
      );
      return chains;
    },
  });
  const { options, own, hosts, commands, args } = invocation;
  await chooseOutput(call, options);
  const { jsonFile } = options;
  if (jsonFile !== undefined && commands.length > 0) call.file = await fileLines(jsonFile, call);
  const open = () => projectOf(options, call);
  refuseIdle(options, { own, isCommand: commands.length > 0 });
  if (own === "help") return print(await help(args, open, call.fabfiles));
  if (options.help) return print(helpFor(own ?? commands.at(-1), chains));
  if (options.version) return print(`${VERSION}\n`);
  if (own === "completion") {
    const { completion } = await import("./hostout-completion.ts");
    return print(await completion(args, open, call.fabfiles));
  }
  if (own === "secrets") {
    const { runSecrets } = await import("./secrets/run-secrets.ts");
    // If `bin/buildout` has not been run yet, the working directory is the project's.
    const directory = (await open().catch(unlessOutside))?.directory ?? workingDirectory();
    return print(await runSecrets(args, directory, call.interruption));
  }
  project ??= await open();
  if (commands.length > 0) return runCommands(invocation, project, chains, call);
  if (hosts.length > 0) chains = await loadCommands(project, hosts, call.fabfiles);
  const list =
    hosts.length > 0 ? commandList(chains.values()) : hostList([...project.hosts.values()]);
  if (options.json) return print(`${JSON.stringify(list.data)}\n`);
  process.stderr.write(`${USAGE}\n`);
  return print(list.text);
}

/** Options that work without a command. */
const OF_LISTS: ReadonlySet<keyof HostoutOptions> = new Set([
  "config",
  "json",
  "debug",
  "help",
  "version",
]);

/** Throws `usage` for an option that has no effect. Completion is called with whatever is on the line already. */
function refuseIdle(
  options: HostoutOptions,
  { own, isCommand }: { own: string | undefined; isCommand: boolean },
): void {
  if (own === "completion") return;
  const isHelp = options.help || own === "help";
  if ((isHelp || options.version) && options.json) {
    throw new BuildoutError("usage", `'${isHelp ? "help" : "--version"}' has no JSON output.`);
  }
  if (isCommand && !isHelp) return;
  if (options.jsonFile !== undefined) {
    throw new BuildoutError("usage", "'--json=FILE' needs a command.", { hint: USAGE });
  }
  if (isCommand) return;
  const idle = OPTIONS.find(
    ({ name }) => !OF_LISTS.has(name) && options[name] !== NO_OPTIONS[name],
  );
  if (idle !== undefined) {
    throw new BuildoutError("usage", `'--${idle.long}' needs a command.`, { hint: USAGE });
  }
}

function print(text: string): number {
  process.stdout.write(text);
  return 0;
}

function projectOf({ config }: HostoutOptions, { configuration }: Call): Promise<Project> {
  // The script's own may be missing: that needs a fuller message.
  const own = configuration === undefined || !existsSync(configuration) ? undefined : configuration;
  return openProject(config ?? own, workingDirectory());
}

/** Events as JSON on standard output; the output of fabfiles goes to standard error. */
const jsonLines = (lost: Call["lost"]) => linesTo(1, lost);

/** Events as JSON in a file, which is created or overwritten. */
async function fileLines(name: string, { lost }: Call): Promise<Reporter<HostoutEvent>> {
  const file = resolve(workingDirectory(), name);
  let descriptor: number;
  try {
    descriptor = openSync(file, "w");
  } catch (error) {
    throw new BuildoutError("usage", `Cannot write ${file}: ${reasonOf(error)}`, { cause: error });
  }
  return linesTo(descriptor, lost);
}

async function linesTo(descriptor: number, lost: Call["lost"]): Promise<Reporter<HostoutEvent>> {
  const [{ randomUUID }, { jsonReporter }, { lineWriter }] = await Promise.all([
    import("node:crypto"),
    import("../../report/json-lines.ts"),
    import("../json/line-writer.ts"),
  ]);
  return jsonReporter({ run: randomUUID(), write: lineWriter(descriptor, lost) });
}
