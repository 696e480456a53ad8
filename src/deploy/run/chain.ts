import type { OwnWords } from "../../arguments/own-words.ts";
import { BuildoutError } from "../../errors/error.ts";
import { didYouMean } from "../../errors/nearest.ts";
import type { HostLocation } from "../host/location.ts";
import { initialEnvironment } from "../part/environment.ts";
import type { Deployment } from "../release/deployment.ts";

/** One command as a command set defines it. */
export interface CommandDefinition {
  name: string;
  /** One line for the list of commands; may be empty. */
  description: string;
  /** `none`, or its usage: `FILE [TARGET]`, `COMMAND...`. Anything else is a usage error. */
  arguments: string;
  /** Words that start with a dash are arguments, too; otherwise only after `--`. */
  options?: "untouched";
  /** Its own options, read with `readOwnWords`; ours can appear anywhere among its words. */
  own?: OwnWords["own"];
  /** Patterns of its arguments, by their names in `arguments`. */
  forms?: OwnWords["forms"];
  together?: OwnWords["together"];
  /** Options of a command in Python: `--name`, `-n`. It checks its arguments itself, with `check`. */
  flags?: readonly string[];
  /** The problem with these words of the command line, if any. Runs nothing and does not log in. */
  check?(words: readonly string[]): Promise<Complaint | undefined>;
  /** More text for `help`, after the description. */
  help?: string;
  /** An example for `help`: the words after the host. */
  example?: string;
  /** Display name of its source: `collective.hostout` for the built-in ones. */
  source: string;
  /** It is interactive: it can only run on one host per call. */
  alone?: true;
  /** It may use the terminal itself, like user code. */
  usesTerminal?: true;
  /** It changes the host: it only runs while this deployment holds the host's lock. */
  changes?: boolean;
  /** It downloads files from the host. */
  fetches?: true;
  /** It acquires the lock itself if it is going to change something. */
  locks?: true;
  /** It needs the list of the host's releases. */
  releases?: true;
  /** It shows what others would do, so no user code runs before it. */
  looks?: true;
  /** Local work that it starts with, in parallel with acquiring the lock. */
  begin?(deployment: Deployment): void;
  /** Runs under the lock before anything else, even if the command is overridden. */
  ready?(context: CommandContext): Promise<void>;
  /** It runs on all hosts of a call in parallel. */
  parallel?: boolean;
  /** Arguments are words of the command line, or passed by another command. */
  run(context: CommandContext, args: readonly unknown[]): Promise<unknown>;
}

/** A command's complaint about its arguments. */
export interface Complaint {
  message: string;
  /** The word in question, which may be misspelled. */
  word?: string | undefined;
}

/** The commands of one fabfile, of one plugin, or the built-in ones. */
export interface CommandSet {
  commands: readonly CommandDefinition[];
  /** Display name of the fabfile or plugin. */
  source?: string;
  /** Runs before every command of any set. */
  initcommand?(context: CommandContext, name: string): Promise<unknown>;
  /**
   * Returns the location of the host, before each command of the command line and before any login;
   * undefined: use the options.
   */
  locatehost?(context: CommandContext, name: string): Promise<HostLocation | undefined>;
}

/** The context of a command. */
export interface CommandContext extends Pick<Deployment, "project" | "options" | "session"> {
  deployment: Deployment;
  /** The running command. */
  name: string;
  /** Every command that `call` can run. */
  names: readonly string[];
  /** The commands of the host. */
  commands: CommandChains;
  /** Runs another command by name, starting at the top of its chain. Throws `unknown-command`. */
  call(name: string, ...args: unknown[]): Promise<unknown>;
  /** Runs the overridden command of the same name, if any. */
  super(...args: unknown[]): Promise<unknown>;
}

interface InitCommand {
  source: string;
  run: NonNullable<CommandSet["initcommand"]>;
}

/** The commands of one host. */
export interface CommandChains {
  /** All definitions of each name, in the order in which they run. */
  readonly chains: ReadonlyMap<string, readonly CommandDefinition[]>;
  readonly initcommands: readonly InitCommand[];
  readonly locators: readonly NonNullable<CommandSet["locatehost"]>[];
}

/** Later sets override earlier ones. */
export function commandChains(sets: readonly CommandSet[]): CommandChains {
  const chains = new Map<string, CommandDefinition[]>();
  for (const set of sets) {
    for (const command of set.commands) {
      chains.set(command.name, [command, ...(chains.get(command.name) ?? [])]);
    }
  }
  const initcommands = sets.flatMap((set): InitCommand[] => {
    const run = set.initcommand?.bind(set);
    return run === undefined ? [] : [{ source: set.source ?? "", run }];
  });
  const locators = sets.flatMap((set) => set.locatehost?.bind(set) ?? []);
  return { chains, initcommands, locators };
}

/**
 * The definition with the usage of a command: the topmost that does not just pass its arguments on to the
 * one below.
 */
export function declaration(chain: readonly CommandDefinition[]): CommandDefinition {
  const handsOn = ({ arguments: usage, options }: CommandDefinition) =>
    options === "untouched" && /^\[\w+\.\.\.\]$/.test(usage);
  return chain.find((one) => !handsOn(one)) ?? chain[0]!;
}

/** An override without a description inherits the one below. */
export function describe(chain: readonly CommandDefinition[]): string {
  return chain.find(({ description }) => description !== "")?.description ?? "";
}

/** Whether these commands may change local files: user code runs, or something is downloaded. */
export function changesFilesHere(
  { chains, initcommands }: CommandChains,
  commands: readonly string[],
): boolean {
  if (initcommands.length > 0) return true;
  return [...chains].some(([name, chain]) => {
    const runs = commands.includes(name);
    if (chain.some(({ usesTerminal }) => usesTerminal) && (runs || chain.length > 1)) return true;
    return runs && chain.some(({ fetches }) => fetches);
  });
}

/** Runs the command `name` on the deployment's host and reports it. If it changes the host, acquires the lock first. */
export async function runCommand(
  commands: CommandChains,
  deployment: Deployment,
  name: string,
  args: readonly unknown[],
): Promise<unknown> {
  const chain = commands.chains.get(name);
  const first = chain?.[0];
  if (chain === undefined || first === undefined) throw unknownCommand(commands, name);
  const { session } = deployment;
  const contextAt = (depth: number): CommandContext => ({
    ...contextOf(commands, deployment, name),
    super: async (...rest) => chain[depth + 1]?.run(contextAt(depth + 1), rest),
  });
  session.emit({ type: "command", name, source: first.source });
  if (chain.some(({ releases }) => releases)) session.wantReleases();
  if (chain.some(({ changes }) => changes)) {
    const locked = session.lock();
    // User code may yet write some of the files.
    if (!changesFilesHere(commands, [name])) for (const { begin } of chain) begin?.(deployment);
    await locked;
    for (const { ready } of chain) await ready?.(contextAt(0));
  }
  const initcommands = first.looks ? [] : commands.initcommands;
  for (const initcommand of initcommands) await initcommand.run(contextAt(0), name);
  const value = await first.run(contextAt(0), args);
  session.emit({ type: "result", name, value });
  return value;
}

function contextOf(
  commands: CommandChains,
  deployment: Deployment,
  name: string,
): Omit<CommandContext, "super"> {
  const { project, options, session } = deployment;
  return {
    ...{ project, options, session, deployment, name, commands },
    names: [...commands.chains.keys()],
    call: (other, ...rest) => runCommand(commands, deployment, other, rest),
  };
}

/** Locates the host for the command `name`: plugins may know it, or create it. */
export async function locateHost(
  commands: CommandChains,
  deployment: Deployment,
  name: string,
): Promise<void> {
  const context = { ...contextOf(commands, deployment, name), super: async () => undefined };
  for (const locate of commands.locators) {
    const location = await locate(context, name);
    if (location === undefined) continue;
    await deployment.session.locate(location);
    const { host, hosts, host_string } = initialEnvironment(deployment.options);
    Object.assign(deployment.variables, { host, hosts, host_string });
  }
}

function unknownCommand({ chains }: CommandChains, name: string): BuildoutError {
  return new BuildoutError("unknown-command", `There is no command '${name}'.`, {
    hint: didYouMean(name, [...chains.keys()]),
  });
}
