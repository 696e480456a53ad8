import {
  type CommandChains,
  type CommandDefinition,
  declaration,
  describe,
} from "../../deploy/run/chain.ts";
import { optionLines } from "../options/grammar.ts";
import { OPTIONS } from "./hostout-options.ts";

/** The text of `hostout --help`. */
export function helpText(): string {
  return `Usage: hostout [options] host1 [host2...|all] cmd1 [cmd2...] [arguments]
       hostout help [COMMAND]
       hostout completion bash | zsh | fish

Runs commands on the hosts that the hostout parts of a buildout describe.
Without a command it lists the commands of the hosts, without a host the hosts.

Options go anywhere before the first argument of a command; -- ends them.
${optionLines(OPTIONS)}

Examples:
  hostout host1 deploy         put the buildout on host1 and run it there
  hostout host1 run ls -l      run a command in the path of the buildout
  hostout all deploy           deploy to every host, one after the other
  hostout -P all run uptime    run the same command on every host at once
  hostout host1 deploy --help  describe a command

Exit status: 0 done, 1 failed, 2 wrong usage, 130 interrupted; run and sudo pass on the status
of the command that they run.`;
}

/** The help of one command, for all definitions of its name. */
export function commandHelp(chain: readonly CommandDefinition[]): string {
  const { name, arguments: usage } = declaration(chain);
  const form = usage === "none" ? name : `${name} ${usage}`;
  const description = describe(chain);
  const help = chain.find((one) => one.help !== undefined)?.help;
  const example = chain.find((one) => one.example !== undefined)?.example;
  return [
    `Usage: bin/hostout [options] HOST... ${form}`,
    ...(description === "" ? [] : [description.replace(/(?<=[^.!?])$/, ".")]),
    ...(help === undefined ? [] : [help]),
    ...(example === undefined ? [] : [`Example:\n  bin/hostout host1 ${example}`]),
    `Defined in: ${[...new Set(chain.map(({ source }) => source))].join(", which overrides ")}`,
  ].join("\n\n");
}

/** The commands of all these hosts, with what the first that has one says of it. */
export function commandList(hosts: readonly CommandChains[]): string {
  const descriptions = new Map<string, string>();
  for (const { chains } of hosts) {
    for (const [name, chain] of chains) {
      if (!descriptions.has(name)) descriptions.set(name, describe(chain));
    }
  }
  const names = [...descriptions.keys()].sort();
  const width = Math.max(...names.map((name) => name.length)) + 1;
  return names.map((name) => `  ${name.padEnd(width)}: ${descriptions.get(name)}\n`).join("");
}
