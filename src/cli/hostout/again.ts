import { isOptionWord } from "../../arguments/grammar.ts";
import { type CommandChains, declaration } from "../../deploy/run/chain.ts";
import { quote, quoteAll } from "../../ssh/commands/quote.ts";
import { type HostoutOptions, NO_OPTIONS, OPTIONS } from "./hostout-options.ts";
import type { Invocation } from "./words.ts";

/** Options for how something is shown, not what is done. */
const SHOWN: ReadonlySet<keyof HostoutOptions> = new Set(["json", "quiet", "debug"]);

/** The same command line for `hosts` only, quoted for a shell. */
export function commandLine(
  { options, commands, args }: Pick<Invocation, "options" | "commands" | "args">,
  hosts: readonly string[],
  chains: ReadonlyMap<string, CommandChains>,
): string {
  const given = OPTIONS.filter(
    ({ name }) => !SHOWN.has(name) && options[name] !== NO_OPTIONS[name],
  ).map(({ name, long }) =>
    options[name] === true ? `--${long}` : `--${long}=${quote(String(options[name]))}`,
  );
  const chain = chains.get(hosts[0]!)?.chains.get(commands.at(-1)!);
  const isUntouched = chain !== undefined && declaration(chain).options === "untouched";
  const ended = isUntouched && isOptionWord(args[0]) ? ["--"] : [];
  const words = quoteAll([...hosts, ...commands, ...ended, ...args]);
  return ["bin/hostout", ...given, words].join(" ");
}
