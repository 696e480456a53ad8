/** Over 300 lines: one parser whose steps share its state. */
import { argumentRange, checkArguments, refuseEmpty } from "../../arguments/check-arguments.ts";
import {
  isKnownOption,
  isOptionWord,
  nearestOption,
  type OptionDefinition,
  type OptionUse,
  optionWords,
  takeOption,
} from "../../arguments/grammar.ts";
import { orderedWords, readOwnWords, splitOwnWords } from "../../arguments/own-words.ts";
import { type Selectable, Selection } from "../../deploy/part/selection.ts";
import { type CommandChains, type CommandDefinition, declaration } from "../../deploy/run/chain.ts";
import { BuildoutError } from "../../errors/error.ts";
import { didYouMean } from "../../errors/nearest.ts";
import { builtinChains } from "../../program/host-commands.ts";
import { POOL } from "../../program/order.ts";
import {
  applyOption,
  forgetOption,
  type HostoutOptions,
  NO_OPTIONS,
  OPTIONS,
} from "./hostout-options.ts";
import { OWN_WORDS, type OwnWord } from "./own-words.ts";
import {
  anyDeclaration,
  commandNames,
  fabSpelling,
  hostsFirst,
  joinHints,
  lateConfig,
  planInstead,
  unknownCommand,
  unknownHost,
} from "./word-errors.ts";

/** A parsed command line. */
export interface Invocation {
  options: HostoutOptions;
  /** `hostout help`, `completion` or `secrets`; hosts and commands are empty then. */
  own: OwnWord | undefined;
  hosts: string[];
  commands: string[];
  /** Arguments of the last command, or of `own`. */
  args: string[];
}

/** The source of names; called only when a word needs them. */
export interface Names {
  hosts(options: HostoutOptions): Promise<readonly Selectable[]>;
  /** The commands of these hosts. */
  commands(hosts: readonly string[]): Promise<ReadonlyMap<string, CommandChains>>;
}

/** The options known while the words are read, or could not be read. */
export type ShownOptions = Pick<HostoutOptions, "json" | "debug" | "plain" | "timings">;

/**
 * Reads `[options] host1 [host2...|all] cmd1 [cmd2...] [args]`: hosts, in the syntax of `Selection`, up to
 * the first word that is not one, then commands, then arguments of the last command. A command that needs
 * an argument takes the next word, whatever that is. Options can appear anywhere before the first argument;
 * `--` ends them. With `help` or `version` among them, reading ends after the options that follow. `help`,
 * `completion` and `secrets` in place of the first host are commands of `hostout` itself. Throws `usage`,
 * `unknown-host` and `unknown-command`.
 */
export async function readWords(argv: readonly string[], names: Names): Promise<Invocation> {
  return new WordsReader(argv).read(names);
}

export class WordsReader {
  readonly #words: string[];
  readonly #options = { ...NO_OPTIONS };
  #hosts: readonly string[] = [];
  readonly #commands: string[] = [];
  readonly #uses: OptionUse[] = [];
  #optionsEnded = false;
  #isConfigurationRead = false;
  /** The last word was `-P`, whose number may be the next word. */
  #isPoolOpen = false;

  constructor(argv: readonly string[]) {
    this.#words = [...argv];
  }

  /** The options read so far, and those among the unread words that are not arguments of a built-in command. */
  shown(): ShownOptions {
    const shown = { ...this.#options };
    const words = this.#optionsEnded ? [] : [...this.#words];
    let last = this.#commands.at(-1);
    while (words.length > 0 && words[0] !== "--") {
      const word = words.shift()!;
      if (isOptionWord(word)) {
        if (word === "--json") shown.json = true;
        if (word === "--debug" || /^-[Pq\d]*D/.test(word)) shown.debug = true;
        continue;
      }
      if (takesArguments(last) && !builtinChains.chains.has(word)) break;
      last = word;
    }
    return shown;
  }

  async read(names: Names): Promise<Invocation> {
    const end = (args: string[] = [], own?: Invocation["own"]): Invocation => ({
      options: this.#options,
      own,
      hosts: [...this.#hosts],
      commands: this.#commands,
      args,
    });
    this.#takeOptions();
    if (this.#isAnswered || this.#words.length === 0) return end();
    const own = OWN_WORDS.find(({ name }) => name === this.#words[0]);
    if (own !== undefined) return end(this.#takeOwnArguments(), own.name);
    const known = await names.hosts(this.#options);
    const selection = new Selection(known);
    this.#isConfigurationRead = true;
    while (this.#takeHosts(selection)) this.#takeOptions();
    if (this.#isAnswered || this.#words.length === 0) return end();
    if (selection.isEmpty) throw unknownHost(this.#words[0]!, known, this.#lastOption);
    const commands = await names.commands(this.#hosts);
    const args = this.#takeCommands(commands, known);
    return end(this.#isAnswered ? args : await this.#check(commands, args, selection));
  }

  get #lastOption(): OptionDefinition | undefined {
    return this.#uses.at(-1)?.option;
  }

  get #isAnswered(): boolean {
    return this.#options.help || this.#options.version;
  }

  /**
   * Takes options while there are any. After a command, it stops at options that are not ours or are the
   * command's own, its `flags`.
   */
  #takeOptions(flags?: readonly string[]): void {
    this.#isPoolOpen = false;
    while (!this.#optionsEnded && isOptionWord(this.#words[0])) {
      const word = this.#words[0];
      if (word === "--") {
        this.#words.shift();
        this.#optionsEnded = true;
        return;
      }
      if (flags && (isFlag(word, flags) || !isKnownOption(word, OPTIONS))) return;
      for (const use of takeOption(this.#words, OPTIONS)) {
        this.#note(use);
        this.#isPoolOpen = use.option.name === "parallel" && /^-[^-]*P$/.test(use.word);
      }
    }
  }

  #note(use: OptionUse): void {
    if (use.option.name === "config" && this.#isConfigurationRead) throw lateConfig(use.word);
    this.#uses.push(use);
    applyOption(this.#options, use);
  }

  /** Options before the command that the command has, too: they are meant for it. */
  #takeBack({ own = [] }: CommandDefinition): string[] {
    return this.#uses.flatMap(({ option, value }) => {
      if (!own.some(({ long }) => long !== undefined && long === option.long)) return [];
      forgetOption(this.#options, option.name as keyof HostoutOptions);
      return [value === undefined ? `--${option.long}` : `--${option.long}=${value}`];
    });
  }

  /** Takes the words after `help`, `completion` or `secrets`, with our options among them. */
  #takeOwnArguments(): string[] {
    const args: string[] = [];
    this.#words.shift();
    for (this.#takeOptions(); this.#words.length > 0; this.#takeOptions()) {
      args.push(this.#words.shift()!);
    }
    return args;
  }

  #takeHosts(selection: Selection): boolean {
    const word = this.#words[0];
    if (this.#isAnswered) return false;
    if (this.#isPoolOpen && word !== undefined && !selection.takes(word) && isNumber(word)) {
      if (!POOL.pattern.test(word)) throw wrongPool(word);
      this.#options.parallel = Number(this.#words.shift());
      return true;
    }
    if (word === undefined || !selection.takes(word)) {
      this.#hosts = selection.hosts();
      return false;
    }
    selection.add(word);
    this.#words.shift();
    return true;
  }

  /** Takes the commands and returns the arguments of the last one. */
  #takeCommands(
    chains: ReadonlyMap<string, CommandChains>,
    hosts: readonly Selectable[],
  ): string[] {
    const known = commandNames(chains);
    for (;;) {
      const last = this.#commands.at(-1);
      const command = last === undefined ? undefined : anyDeclaration(last, chains);
      const flags = command && (command.flags ?? optionWords(command.own ?? []));
      this.#takeOptions(flags);
      const word = this.#words[0];
      if (this.#isAnswered) return [];
      if (word === undefined) return command === undefined ? [] : this.#takeBack(command);
      const rest = () => this.#takeRest(command!);
      if (command !== undefined) {
        const isForeign = !this.#optionsEnded && isOptionWord(word);
        const { least, most } = argumentRange(command.arguments);
        if (isForeign || least > 0 || (this.#optionsEnded && most > 0)) return rest();
      }
      if (!known.has(word)) {
        if (last === undefined) {
          const hint =
            fabSpelling(word, chains) ??
            didYouMean(word, [...known, ...hosts.map(({ name }) => name)]);
          throw unknownCommand(word, this.#hosts, hint, this.#lastOption);
        }
        return rest();
      }
      this.#commands.push(this.#words.shift()!);
    }
  }

  #takeRest(command: CommandDefinition): string[] {
    // The parser of options must know that an argument may look like one.
    const ended = this.#optionsEnded && command.options !== "untouched" ? ["--"] : [];
    if (command.own === undefined || this.#optionsEnded)
      return [...ended, ...this.#words.splice(0)];
    const words = splitOwnWords(this.#words, command.own, OPTIONS, (use) => this.#note(use));
    return [...this.#takeBack(command), ...words];
  }

  /** Every host has every command, and the last one takes its arguments, which are returned. */
  async #check(
    chains: ReadonlyMap<string, CommandChains>,
    given: readonly string[],
    selection: Selection,
  ): Promise<string[]> {
    let args = [...given];
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
            ? (planInstead(word, name, declaration(chain)) ?? nearestOption(word, OPTIONS))
            : selection.takes(word)
              ? hostsFirst([...this.#hosts, word], this.#commands)
              : (fabSpelling(word, chains) ?? didYouMean(word, own.keys()));
        const declared = declaration(chain);
        const { flags, options, own: ownOptions, arguments: usage } = declared;
        const words = isLast ? given : [];
        // An empty string is valid for a user's function; `run` joins its words.
        const emptyToo = declared.usesTerminal === true || declared.check !== undefined;
        if (flags === undefined && options === "untouched") {
          checkArguments({ ...declared, program, hintFor }, words);
          if (!emptyToo) refuseEmpty({ ...declared, program }, words);
        } else if (flags === undefined) {
          const taken = readOwnWords(declared, words, { hintFor, emptyToo });
          if (isLast) args = ownOptions === undefined ? taken.args : orderedWords(declared, taken);
        }
        const complaint = await declared.check?.(isLast ? args : []);
        if (complaint !== undefined) {
          const hint =
            complaint.word && (didYouMean(complaint.word, flags ?? []) ?? hintFor(complaint.word));
          throw new BuildoutError("usage", complaint.message, {
            hint: hint ?? `Usage: ${program} ${name}${usage === "none" ? "" : ` ${usage}`}`,
          });
        }
      }
    }
    return args;
  }
}

/** Whether a word is meant as the number after `-P`. */
const isNumber = (word: string) => /^\d+(\.\d+)?$/.test(word);

const wrongPool = (word: string) =>
  new BuildoutError("usage", `'--parallel' needs ${POOL.needs}, not '${word}'.`);

const NOTHING: Pick<CommandDefinition, "arguments" | "own"> = { arguments: "none" };

/** Whether a built-in command takes arguments, after which no options of ours can follow. */
function takesArguments(name: string | undefined): boolean {
  const chain = name === undefined ? undefined : builtinChains.chains.get(name);
  const { arguments: usage, own } = chain === undefined ? NOTHING : declaration(chain);
  return own === undefined && argumentRange(usage).most > 0;
}

/** Whether a word is one of these options, with or without a value or more letters. */
function isFlag(word: string, flags: readonly string[]): boolean {
  const name = word.startsWith("--") ? word.replace(/=[\s\S]*$/, "") : word.slice(0, 2);
  return flags.includes(name);
}
