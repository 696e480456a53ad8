/** Errors for words that are not a host, command or option, with suggestions. */
import { asksForPlan, type OptionDefinition } from "../../arguments/grammar.ts";
import { fullUsage } from "../../arguments/own-words.ts";
import { rolesOf, type Selectable, validNames } from "../../deploy/part/selection.ts";
import { type CommandChains, type CommandDefinition, declaration } from "../../deploy/run/chain.ts";
import { BuildoutError } from "../../errors/error.ts";
import { didYouMean } from "../../errors/nearest.ts";
import { builtinChains } from "../../program/host-commands.ts";
import { OPTIONS } from "./hostout-options.ts";
import { OWN_WORDS } from "./own-words.ts";

export function commandNames(chains: ReadonlyMap<string, CommandChains>): Set<string> {
  return new Set([...chains.values()].flatMap(({ chains: own }) => [...own.keys()]));
}

/** The usage of a command, from the first host that has it. */
export function anyDeclaration(name: string, chains: ReadonlyMap<string, CommandChains>) {
  return declaration([...chains.values()].flatMap(({ chains: own }) => own.get(name) ?? []));
}

/** For another tool's dry-run option: the equivalent here. */
export function planInstead(
  word: string,
  command: string,
  { own }: Pick<CommandDefinition, "own">,
): string | undefined {
  const hasPlan = command === "deploy" || own?.some(({ long }) => long === "plan") === true;
  return hasPlan && asksForPlan(word) ? `'--plan' shows what ${command} would do.` : undefined;
}

const FAB = "Write arguments as separate words: bin/hostout HOST COMMAND ARGUMENT.";

/** For `NAME:ARGUMENT,KEY=VALUE`, as in `fab`: the equivalent here. */
export function fabSpelling(
  word: string,
  chains: ReadonlyMap<string, CommandChains>,
): string | undefined {
  const [, name] = /^([^:]+):/.exec(word) ?? [];
  if (name === undefined) return undefined;
  if (!commandNames(chains).has(name)) {
    return joinHints(didYouMean(name, commandNames(chains)), FAB);
  }
  const usage = fullUsage(anyDeclaration(name, chains));
  return usage === "none"
    ? `'${name}' takes no arguments.`
    : `Write arguments as separate words: bin/hostout HOST ${name} ${usage}.`;
}

export function hostsFirst(hosts: readonly string[], commands: readonly string[]): string {
  return `Hosts go before commands: bin/hostout ${[...new Set(hosts), ...commands].join(" ")}`;
}

export function unknownHost(
  word: string,
  known: readonly Selectable[],
  before: OptionDefinition | undefined,
): BuildoutError {
  const name = word.replace(/:.*$/s, "");
  const isCommand = builtinChains.chains.has(name);
  const isFab = /^[\w.-]+:\S*$/.test(word);
  const isRole = rolesOf(known).has(word);
  const names = [...known, { name: "all" }, ...OWN_WORDS].map((one) => one.name);
  return new BuildoutError("unknown-host", `There is no host '${word}'.`, {
    hint: joinHints(
      isCommand
        ? `'${name}' is a command. ${hostsFirst(["HOST"], [name])}.`
        : isFab
          ? FAB
          : (optionOf(word, before) ??
            (isRole ? `Did you mean '@${word}'?` : didYouMean(word, names))),
      validNames(known),
    ),
  });
}

/** For the name of an option without dashes, the value of the option `before`, or a word in place of a host. */
function optionOf(word: string, before: OptionDefinition | undefined): string | undefined {
  // Without '=', the next word stands alone.
  if (before?.value?.optional && before.value.form?.pattern.test(word)) {
    return `For the value of an option, write '--${before.long}=${word}'.`;
  }
  const own = OWN_WORDS.find(({ name }) => name === word);
  if (own !== undefined) return `Write 'bin/hostout ${own.name} ${own.arguments}'.`;
  return OPTIONS.some(({ long }) => long === word) ? `Did you mean '--${word}'?` : undefined;
}

export function unknownCommand(
  word: string,
  hosts: readonly string[],
  hint: string | undefined,
  before: OptionDefinition | undefined,
): BuildoutError {
  return new BuildoutError("unknown-command", `There is no host or command '${word}'.`, {
    hint: joinHints(
      optionOf(word, before) ?? hint,
      `'bin/hostout ${hosts.join(" ")}' lists the commands.`,
    ),
  });
}

export function lateConfig(word: string): BuildoutError {
  return new BuildoutError("usage", `Option ${word} goes before the first host.`, {
    hint: "Write -- before arguments that look like options of hostout.",
  });
}

export function joinHints(...hints: (string | undefined)[]): string {
  return hints.filter((hint) => hint !== undefined).join(" ");
}
