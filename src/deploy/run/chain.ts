import type { OwnWords } from "../../arguments/own-words.ts";
import { BuildoutError } from "../../errors/error.ts";
import { didYouMean } from "../../errors/nearest.ts";
import type { HostLocation } from "../host/location.ts";
import { initialEnvironment } from "../part/environment.ts";
import type { Deployment } from "../release/deployment.ts";

/** One command as a command set defines it. */
export interface CommandDefinition {
  name: string;
  /** One line for the listing; may be empty. */
  description: string;
  /** `none`, or what it takes: `FILE [TARGET]`, `COMMAND...`. Anything else is a usage error. */
  arguments: string;
  /** Words that begin with a dash are arguments, too; without it only behind `--`. */
  options?: "untouched";
  /** Options of its own, which it reads with `readOwnWords`; ours can stand anywhere among its words. */
  own?: OwnWords["own"];
  /** What its arguments have to look like, by their names in `arguments`. */
  forms?: OwnWords["forms"];
  together?: OwnWords["together"];
  /** Options of a command in Python: `--name`, `-n`. It says itself what it takes, by `check`. */
  flags?: readonly string[];
  /** What is wrong with these words of the command line, if anything. Nothing runs, nothing logs in. */
  check?(words: readonly string[]): Promise<Complaint | undefined>;
  /** More for `help`, beside the description. */
  help?: string;
  /** Words behind the host, for `help`. */
  example?: string;
  /** Where it is defined, as shown: `collective.hostout` for the built-in ones. */
  source: string;
  /** It needs a person for itself: one call runs it on one host. */
  alone?: true;
  /** It may use the terminal itself, as code of the user's may. */
  usesTerminal?: true;
  /** It changes the host: it runs only while this deployment has the host's lock. */
  changes?: boolean;
  /** It brings files of the host here. */
  fetches?: true;
  /** It takes the lock itself, where it is going to change something. */
  locks?: true;
  /** It needs to know which releases the host has. */
  releases?: true;
  /** It shows what others would do: nothing of the user's runs before it. */
  looks?: true;
  /** Local work that it begins with, which goes on while the lock is taken. */
  begin?(deployment: Deployment): void;
  /** Runs under the lock before anything else of the command, also of one that overrides it. */
  ready?(context: CommandContext): Promise<void>;
  /** The hosts that one call names run it at the same time. */
  parallel?: boolean;
  /** Arguments are words of the command line, or whatever another command passes. */
  run(context: CommandContext, args: readonly unknown[]): Promise<unknown>;
}

/** What a command says of words that it does not take. */
export interface Complaint {
  message: string;
  /** The word that it is about; it may be a misspelling. */
  word?: string | undefined;
}

/** The commands of one fabfile, of one plugin, or the built-in ones. */
export interface CommandSet {
  commands: readonly CommandDefinition[];
  /** The fabfile or plugin, as shown. */
  source?: string;
  /** Runs before every command, whichever set that is from. */
  initcommand?(context: CommandContext, name: string): Promise<unknown>;
  /**
   * Says where the host is, before each command of the command line and before any login; undefined:
   * as the options say.
   */
  locatehost?(context: CommandContext, name: string): Promise<HostLocation | undefined>;
}

/** What a command works with. */
export interface CommandContext extends Pick<Deployment, "project" | "options" | "session"> {
  deployment: Deployment;
  /** The command that runs. */
  name: string;
  /** Every command that `call` can run. */
  names: readonly string[];
  /** The commands of the host. */
  commands: CommandChains;
  /** Runs another command by name, the topmost of its chain. Throws `unknown-command`. */
  call(name: string, ...args: unknown[]): Promise<unknown>;
  /** Runs the command of the same name that this one overrides; nothing if there is none. */
  super(...args: unknown[]): Promise<unknown>;
}

interface InitCommand {
  source: string;
  run: NonNullable<CommandSet["initcommand"]>;
}

/** The commands of one host. */
export interface CommandChains {
  /** All definitions of each name, the one that runs first in front. */
  readonly chains: ReadonlyMap<string, readonly CommandDefinition[]>;
  readonly initcommands: readonly InitCommand[];
  readonly locators: readonly NonNullable<CommandSet["locatehost"]>[];
}

/** Sets given later override those given earlier. */
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
 * The definition that says what a command takes: the topmost, but for one that hands on whatever
 * it is given to the one below.
 */
export function declaration(chain: readonly CommandDefinition[]): CommandDefinition {
  const handsOn = ({ arguments: usage, options }: CommandDefinition) =>
    options === "untouched" && /^\[\w+\.\.\.\]$/.test(usage);
  return chain.find((one) => !handsOn(one)) ?? chain[0]!;
}

/** An override without a description of its own does what the command below it says. */
export function describe(chain: readonly CommandDefinition[]): string {
  return chain.find(({ description }) => description !== "")?.description ?? "";
}

/** Whether these commands may change files here: code of the user's runs, or something is fetched. */
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

/**
 * Runs the command `name` on the deployment's host, and tells that it does. One that changes the host
 * has its lock first.
 */
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
    // Files that code of the user's has yet to write are not there to be read.
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

/** Finds out where the host is, for the command `name`: plugins may know, or make it. */
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
