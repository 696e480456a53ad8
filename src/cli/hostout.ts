import { existsSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { nativePlugins } from "../../recipes/plugins/index.ts";
import { builtinCommands } from "../deploy/commands/builtin.ts";
import { commandSets } from "../deploy/fabfile/command-sets.ts";
import { type FabfileRun, fabfileRun } from "../deploy/fabfile/run.ts";
import { HostSession } from "../deploy/host/session.ts";
import { readProject } from "../deploy/part/project.ts";
import { Deployment } from "../deploy/release/deployment.ts";
import {
  type CommandChains,
  type CommandDefinition,
  commandChains,
  runCommand,
} from "../deploy/run/chain.ts";
import { readWords } from "../deploy/run/words.ts";
import type { ErrorCode } from "../errors/codes.ts";
import { BuildoutError } from "../errors/error.ts";
import type { Reporter } from "../events/deployment.ts";
import { useColour } from "../report/colour.ts";
import { formatError, formatErrorJson } from "../report/error.ts";
import { jsonReporter, textReporter } from "../report/hostout.ts";
import { terminalInteraction } from "./terminal/interaction.ts";
import { VERSION } from "./version.ts";

const USAGE = "cmdline is: bin/hostout host1 [host2...] [all] cmd1 [cmd2...] [arg1 arg2...]";
const WRONG_USAGE = 2;
const INTERRUPTED = 130;
const NO_OPTIONS = { json: false, quiet: false, debug: false, acceptNew: false, parallel: false };
const SOURCES = {
  builtin: { commands: builtinCommands },
  plugins: nativePlugins,
  api: () => import("../index.ts"),
};

interface HostoutArguments {
  config: string | undefined;
  json: boolean;
  quiet: boolean;
  debug: boolean;
  acceptNew: boolean;
  parallel: boolean;
  words: string[];
}

/**
 * Runs `bin/hostout` with `argv` (no node, no script) for the buildout whose hostout.cfg
 * is `configuration`, unless the arguments name another. Returns the exit status.
 */
export async function main(argv: string[], configuration?: string): Promise<number> {
  // Options stand before the words; without any the parser need not be loaded.
  const parsed = argv[0]?.startsWith("-")
    ? await parseArguments(argv, configuration)
    : { ...NO_OPTIONS, config: configuration, words: argv };
  if (typeof parsed === "number") return parsed;
  const abort = new AbortController();
  const interrupt = () => abort.abort();
  process.on("SIGINT", interrupt);
  process.on("SIGTERM", interrupt);
  const fabfiles = fabfileRun(abort.signal, parsed.json ? "stderr" : "stdout");
  try {
    return await hostout(parsed, abort, fabfiles);
  } catch (error) {
    // Whatever runs in the terminal's process group may have heard of it before us.
    const interrupted = error instanceof BuildoutError && error.code === "interrupted";
    if (interrupted || abort.signal.aborted) {
      process.stderr.write("\nInterrupted.\n");
      return INTERRUPTED;
    }
    tell(error, parsed);
    return error instanceof BuildoutError && USAGE_CODES.has(error.code) ? WRONG_USAGE : 1;
  } finally {
    await Promise.all(fabfiles.closing.map((close) => close()));
    process.off("SIGINT", interrupt);
    process.off("SIGTERM", interrupt);
  }
}

const USAGE_CODES: ReadonlySet<ErrorCode> = new Set(["usage", "unknown-host", "unknown-command"]);

async function hostout(
  options: HostoutArguments,
  abort: AbortController,
  fabfiles: FabfileRun,
): Promise<number> {
  const project = await readProject(options.config ?? findConfiguration(process.cwd()));
  const chains = new Map<string, CommandChains>();
  const load = async (names: readonly string[]) => {
    for (const name of names) {
      const sets = await commandSets(SOURCES, project, project.hosts.get(name)!, fabfiles);
      chains.set(name, commandChains(sets));
    }
    return [...chains.values()].flatMap((commands) => [...commands.chains.keys()]);
  };
  const hostNames = [...project.hosts.keys()].sort();
  const { hosts, commands, args } = await readWords(options.words, hostNames, load);
  if (hosts.length === 0) {
    process.stderr.write(`${USAGE}\n`);
    process.stdout.write(`Valid hosts are: ${hostNames.join(" ")}\n`);
    return 0;
  }
  if (commands.length === 0) {
    await load(hosts);
    process.stderr.write(`${USAGE}\n`);
    process.stdout.write(`Valid commands are:\n${commandList([...chains.values()])}`);
    return 0;
  }
  const report: Reporter = options.json
    ? jsonReporter(process.stdout)
    : textReporter({ ...process, quiet: options.quiet, colour: useColour(process.stdout) });
  const interaction = terminalInteraction(process.env, () => abort.abort());
  const runHost = async (name: string): Promise<unknown> => {
    const host = project.hosts.get(name)!;
    const hostOptions = { ...host, acceptNew: host.acceptNew || options.acceptNew };
    const session = new HostSession(hostOptions, interaction, report, abort.signal);
    const deployment = new Deployment(project, session, PROGRAMS, process.env);
    let last: unknown;
    try {
      for (const [index, command] of commands.entries()) {
        abort.signal.throwIfAborted();
        const isLast = index === commands.length - 1;
        last = await runCommand(chains.get(name)!, deployment, command, isLast ? args : []);
        if (last === false) return false;
      }
    } finally {
      await session.close();
    }
    return last;
  };
  const together =
    hosts.length > 1 && runsTogether(options.parallel, commands, [...chains.values()]);
  const results = together
    ? await allOf(hosts, runHost, (error) => tell(error, options), abort.signal)
    : await oneByOne(hosts, runHost);
  report({ type: "done" });
  return results.includes(false) ? 1 : 0;
}

/** Whether the hosts may run at the same time: the command line says so, or every command does. */
function runsTogether(
  asked: boolean,
  commands: readonly string[],
  chains: readonly CommandChains[],
): boolean {
  const wishes = commands.flatMap((name) =>
    chains.map(({ chains }) => chains.get(name)?.[0]?.parallel),
  );
  return asked ? !wishes.includes(false) : wishes.every((wish) => wish === true);
}

/** Ends with the first host that fails. */
async function oneByOne(
  hosts: readonly string[],
  run: (host: string) => Promise<unknown>,
): Promise<unknown[]> {
  const results: unknown[] = [];
  for (const host of hosts) {
    results.push(await run(host));
    if (results.at(-1) === false) break;
  }
  return results;
}

/** All at once; a host that fails leaves the others to their end, and counts as false. */
async function allOf(
  hosts: readonly string[],
  run: (host: string) => Promise<unknown>,
  told: (error: unknown) => void,
  signal: AbortSignal,
): Promise<unknown[]> {
  const failed = (error: unknown) => {
    if (signal.aborted) throw error;
    told(error);
    return false;
  };
  return Promise.all(hosts.map((host) => run(host).catch(failed)));
}

function tell(error: unknown, { json, debug }: HostoutArguments): void {
  const text = json
    ? `${formatErrorJson(error)}\n`
    : formatError(error, { debug, colour: useColour(process.stderr) });
  (json ? process.stdout : process.stderr).write(text);
}

/** The commands of all these hosts, with what the first that has one says of it. */
function commandList(commands: readonly CommandChains[]): string {
  const descriptions = new Map<string, string>();
  for (const { chains } of commands) {
    for (const [name, chain] of chains) {
      if (!descriptions.has(name)) descriptions.set(name, describe(chain));
    }
  }
  const names = [...descriptions.keys()].sort();
  const width = Math.max(...names.map((name) => name.length)) + 1;
  return names.map((name) => `  ${name.padEnd(width)}: ${descriptions.get(name)}\n`).join("");
}

/** An override without a description of its own does what the command below it says. */
function describe(chain: readonly CommandDefinition[]): string {
  return chain.find(({ description }) => description !== "")?.description ?? "";
}

/** Reads the options before the words. A number is the exit status of a call that is answered. */
async function parseArguments(
  argv: string[],
  configuration: string | undefined,
): Promise<HostoutArguments | number> {
  const { default: yargs } = await import("yargs");
  let problem: string | undefined;
  let shown: string | undefined;
  const parser = yargs(argv)
    .scriptName("hostout")
    .usage(
      `Usage: hostout [options] host1 [host2...|all] cmd1 [cmd2...] [arguments]

Runs commands on the hosts that the hostout parts of a buildout describe.
Without a command it lists the commands of the hosts, without a host the hosts.`,
    )
    .parserConfiguration({ "halt-at-non-option": true, "parse-positional-numbers": false })
    .options({
      config: { alias: "c", type: "string", describe: "Another parts/hostout/hostout.cfg" },
      "accept-new": { type: "boolean", default: false, describe: "Trust hosts never seen before" },
      parallel: { alias: "P", type: "boolean", default: false, describe: "All hosts at once" },
      json: { type: "boolean", default: false, describe: "Tell events as JSON lines" },
      quiet: { alias: "q", type: "boolean", default: false, describe: "Only remote output" },
      debug: { alias: "D", type: "boolean", default: false, describe: "Show stacks of errors" },
    })
    .example("hostout host1 deploy", "Put the buildout on host1 and run it there")
    .example("hostout host1 run ls -l", "Run a command in the buildout's folder")
    .example("hostout all deploy", "Deploy to every host, one after the other")
    .example("hostout -P all run uptime", "The same command on every host at once")
    .epilogue("Exit status: 0 done, 1 failed, 2 wrong usage, 130 interrupted.")
    .strictOptions()
    .exitProcess(false)
    .version(VERSION)
    .alias("h", "help")
    .fail((message, error) => {
      problem = message ?? error.message;
    });
  const words = await parser.parseAsync(argv, {}, (_error, _argv, output) => {
    shown = output || undefined;
  });
  if (problem !== undefined) {
    process.stderr.write(`Error: ${problem}\nTry 'hostout --help'.\n`);
    return WRONG_USAGE;
  }
  if (shown !== undefined) {
    process.stdout.write(`${shown}\n`);
    return 0;
  }
  return {
    config: words.config ?? configuration,
    json: words.json,
    quiet: words.quiet,
    debug: words.debug,
    acceptNew: words["accept-new"],
    parallel: words.parallel,
    words: words._.map(String),
  };
}

/** `parts/hostout/hostout.cfg` of the buildout that `from` is in. */
function findConfiguration(from: string): string {
  for (let folder = resolve(from); ; folder = dirname(folder)) {
    const file = join(folder, "parts/hostout/hostout.cfg");
    if (existsSync(file) || folder === dirname(folder)) {
      return existsSync(file) ? file : join(resolve(from), "parts/hostout/hostout.cfg");
    }
  }
}

const packageFolder = fileURLToPath(new URL("../..", import.meta.url));

const PROGRAMS = {
  engine: join(packageFolder, "dist/engine.mjs"),
  localFiles: join(packageFolder, "dist/deploy/release/local-files-worker.js"),
  rsyncShell: join(packageFolder, "dist/deploy/host/rsync-shell.js"),
};
