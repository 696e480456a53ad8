import { type CommandChains, declaration } from "../../deploy/run/chain.ts";
import { BuildoutError } from "../../errors/error.ts";
import { didYouMean } from "../../errors/nearest.ts";
import { argumentRange, checkArguments } from "../options/check-arguments.ts";
import { isKnownOption, isOptionWord, nearestOption, takeOption } from "../options/grammar.ts";
import { applyOption, type HostoutOptions, NO_OPTIONS, OPTIONS } from "./hostout-options.ts";

/** What a command line means. */
export interface Invocation {
  options: HostoutOptions;
  hosts: string[];
  commands: string[];
  /** Arguments of the last command. */
  args: string[];
}

/** Where the names come from; asked only when a word needs them. */
export interface Names {
  hosts(options: HostoutOptions): Promise<readonly string[]>;
  /** The commands of these hosts. */
  commands(hosts: readonly string[]): Promise<ReadonlyMap<string, CommandChains>>;
}

/**
 * Reads `[options] host1 [host2...|all] cmd1 [cmd2...] [args]`: hosts until a word is no host, then
 * commands, then arguments of the last command. A command that needs an argument takes the next
 * word, whatever that is. Options stand anywhere before the first argument; `--` ends them. With
 * `help` or `version` among them, reading ends there.
 * Throws `usage`, `unknown-host` and `unknown-command`.
 */
export async function readWords(argv: readonly string[], names: Names): Promise<Invocation> {
  return new Reader(argv, names).read();
}

class Reader {
  readonly #words: string[];
  readonly #names: Names;
  readonly #options = { ...NO_OPTIONS };
  readonly #hosts: string[] = [];
  readonly #commands: string[] = [];
  #optionsEnded = false;

  constructor(argv: readonly string[], names: Names) {
    this.#words = [...argv];
    this.#names = names;
  }

  async read(): Promise<Invocation> {
    const end = (args: string[] = []): Invocation => ({
      options: this.#options,
      hosts: this.#hosts,
      commands: this.#commands,
      args,
    });
    this.#takeOptions();
    if (this.#isAnswered || this.#words.length === 0) return end();
    const known = [...(await this.#names.hosts(this.#options))].sort();
    while (this.#takeHost(known)) this.#takeOptions();
    if (this.#isAnswered || this.#words.length === 0) return end();
    if (this.#hosts.length === 0) throw unknownHost(this.#words[0]!, known);
    const commands = await this.#names.commands(this.#hosts);
    const args = this.#takeCommands(commands, known);
    if (!this.#isAnswered) this.#check(commands, args, known);
    return end(args);
  }

  get #isAnswered(): boolean {
    return this.#options.help || this.#options.version;
  }

  /** Takes options while there are any; with `untilUnknown` it stops at one that is not ours. */
  #takeOptions(untilUnknown = false): void {
    while (!this.#optionsEnded && isOptionWord(this.#words[0])) {
      const word = this.#words[0];
      if (word === "--") {
        this.#words.shift();
        this.#optionsEnded = true;
        return;
      }
      if (untilUnknown && !isKnownOption(word, OPTIONS)) return;
      for (const use of takeOption(this.#words, OPTIONS)) {
        if (use.option.name === "config" && this.#hosts.length > 0) throw lateConfig(use.word);
        applyOption(this.#options, use);
        if (this.#isAnswered) return;
      }
    }
  }

  #takeHost(known: readonly string[]): boolean {
    const word = this.#words[0];
    const named = word === "all" ? known : known.filter((name) => name === word);
    if (named.length === 0 || this.#isAnswered) return false;
    this.#words.shift();
    for (const name of named) if (!this.#hosts.includes(name)) this.#hosts.push(name);
    return true;
  }

  /** Takes the commands and returns the arguments of the last one. */
  #takeCommands(chains: ReadonlyMap<string, CommandChains>, hosts: readonly string[]): string[] {
    const known = commandNames(chains);
    for (;;) {
      const last = this.#commands.at(-1);
      this.#takeOptions(last !== undefined);
      const word = this.#words[0];
      if (word === undefined || this.#isAnswered) return [];
      if (last !== undefined) {
        const isForeign = !this.#optionsEnded && isOptionWord(word);
        const { least, most } = rangeOf(last, chains);
        if (isForeign || least > 0 || (this.#optionsEnded && most > 0))
          return this.#words.splice(0);
      }
      if (!known.has(word)) {
        if (last === undefined) throw unknownCommand(word, this.#hosts, [...known, ...hosts]);
        return this.#words.splice(0);
      }
      this.#commands.push(this.#words.shift()!);
    }
  }

  /** Every host has every command, and the last one takes its arguments. */
  #check(
    chains: ReadonlyMap<string, CommandChains>,
    args: readonly string[],
    hosts: readonly string[],
  ): void {
    for (const [index, name] of this.#commands.entries()) {
      for (const host of this.#hosts) {
        const own = chains.get(host)!.chains;
        const chain = own.get(name);
        if (chain === undefined) {
          throw new BuildoutError("unknown-command", `${host} has no command '${name}'.`, {
            hint: joinHints(
              didYouMean(name, own.keys()),
              `'bin/hostout ${host}' lists its commands.`,
            ),
          });
        }
        const isLast = index === this.#commands.length - 1;
        const program = "bin/hostout HOST";
        const hintFor = (word: string) =>
          isOptionWord(word)
            ? nearestOption(word, OPTIONS)
            : didYouMean(word, [...own.keys(), ...hosts]);
        checkArguments({ ...declaration(chain), program, hintFor }, isLast ? args : []);
      }
    }
  }
}

function commandNames(chains: ReadonlyMap<string, CommandChains>): Set<string> {
  return new Set([...chains.values()].flatMap(({ chains: own }) => [...own.keys()]));
}

function rangeOf(name: string, chains: ReadonlyMap<string, CommandChains>) {
  const chain = [...chains.values()].flatMap(({ chains: own }) => own.get(name) ?? []);
  return argumentRange(declaration(chain).arguments);
}

function unknownHost(word: string, known: readonly string[]): BuildoutError {
  return new BuildoutError("unknown-host", `There is no host '${word}'.`, {
    hint: joinHints(
      didYouMean(word, [...known, "all", "help", "completion"]),
      `Valid hosts are: ${known.join(" ")}`,
    ),
  });
}

function unknownCommand(
  word: string,
  hosts: readonly string[],
  known: readonly string[],
): BuildoutError {
  return new BuildoutError("unknown-command", `There is no host or command '${word}'.`, {
    hint: joinHints(
      didYouMean(word, known),
      `'bin/hostout ${hosts.join(" ")}' lists the commands.`,
    ),
  });
}

function lateConfig(word: string): BuildoutError {
  return new BuildoutError("usage", `Option ${word} goes before the first host.`, {
    hint: "Write -- before the arguments of a command that begin with an option of hostout.",
  });
}

function joinHints(...hints: (string | undefined)[]): string {
  return hints.filter((hint) => hint !== undefined).join(" ");
}
