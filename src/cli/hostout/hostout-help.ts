import { columns, optionLines, type Row } from "../../arguments/grammar.ts";
import { fullUsage } from "../../arguments/own-words.ts";
import { rolesOf, type Selectable } from "../../deploy/part/selection.ts";
import {
  type CommandChains,
  type CommandDefinition,
  declaration,
  describe,
} from "../../deploy/run/chain.ts";
import { OPTIONS, specialOptions } from "./hostout-options.ts";
import { OWN_WORDS } from "./own-words.ts";

export const SYNOPSIS: readonly string[] = [
  "hostout [options] host1 [host2...|all] cmd1 [cmd2...] [arguments]",
  ...OWN_WORDS.map(({ name, arguments: usage }) => `hostout ${name} ${usage}`),
];

export const ABOUT = `Runs commands on the hosts that the hostout parts of a buildout describe.
Without a command, it lists the commands of the hosts; without a host, the hosts.
HOST is a name, @ROLE, a pattern such as 'web*', a list with commas, or all;
! in front of one excludes its hosts.`;

export const ABOUT_OPTIONS =
  "Options go anywhere before the first argument of a command; -- ends them.";

/** Command lines and what they do. */
export const EXAMPLES: readonly Row[] = [
  ["hostout host1 deploy", "put the buildout on host1 and run it there"],
  ["hostout host1 run ls -l", "run a command in the path of the buildout"],
  ["hostout '@web,!web3' deploy", "deploy to the hosts with the role web, except web3"],
  ["hostout all deploy", "deploy to every host, one after the other"],
  ["hostout -P all run uptime", "run the same command on every host at once"],
  [
    "hostout --rollout '1 25% 100%' all deploy",
    "deploy to one host, then to a quarter, then to the rest",
  ],
  ["hostout host1 deploy --help", "describe a command"],
];

export const EXIT_STATUS: readonly Row[] = [
  ["0", "done"],
  ["1", "a command failed"],
  ["2", "wrong usage; nothing was done"],
  ["75", "the host is locked by another deployment"],
  ["130, 143", "interrupted by Ctrl-C or ended by SIGTERM"],
];

export const ABOUT_STATUS =
  "run and sudo return the status of their command; with several hosts, the highest one.";

/** The text of `hostout --help`. */
export function helpText(): string {
  return `Usage: ${SYNOPSIS.join("\n       ")}

${ABOUT}

${ABOUT_OPTIONS}
${optionLines(OPTIONS)}

Examples:
${columns(EXAMPLES)}

Exit status:
${columns(EXIT_STATUS)}
  ${ABOUT_STATUS}`;
}

/** The description of a command, from all definitions of its name. */
export function aboutCommand(chain: readonly CommandDefinition[]) {
  const declared = declaration(chain);
  const { name, own = [] } = declared;
  const usage = fullUsage(declared);
  const needsNone = usage.replace(/\[[^\]]*\]/g, "").trim() === "" || usage === "none";
  return {
    /** The command with its usage. */
    form: usage === "none" ? name : `${name} ${usage}`,
    options: [...own, ...specialOptions(name)],
    description: describe(chain),
    help: chain.find((one) => one.help !== undefined)?.help,
    example:
      chain.find((one) => one.example !== undefined)?.example ?? (needsNone ? name : undefined),
  };
}

/** The help of one command, from all definitions of its name. */
export function commandHelp(chain: readonly CommandDefinition[]): string {
  const { form, options, description, help, example } = aboutCommand(chain);
  return [
    `Usage: bin/hostout [options] HOST... ${form}`,
    ...(description === "" ? [] : [description.replace(/(?<=[^.!?])$/, ".")]),
    ...(help === undefined ? [] : [help]),
    ...(options.length === 0 ? [] : [`Options:\n${optionLines(options)}`]),
    ...(example === undefined ? [] : [`Example:\n  bin/hostout host1 ${example}`]),
    `Defined in: ${[...new Set(chain.map(({ source }) => source))].join(", which overrides ")}`,
  ].join("\n\n");
}

/** A list, as text and for programs. */
interface List {
  text: string;
  data: unknown;
}

export function hostList(hosts: readonly Selectable[]): List {
  const names = hosts.map(({ name }) => name).sort();
  const roles = rolesOf(hosts);
  const width = Math.max(0, ...[...roles.keys()].map((role) => role.length)) + 2;
  const lines = [...roles].map(
    ([role, its]) => `  ${`@${role}`.padEnd(width)}: ${its.join(" ")}\n`,
  );
  return {
    text: [`Valid hosts are: ${names.join(" ")}\n`, lines.length > 0 && "Roles are:\n", ...lines]
      .filter((line) => line !== false)
      .join(""),
    data: { hosts: names, roles: Object.fromEntries(roles) },
  };
}

/** The commands of all these hosts, each described by the first host that has it. */
export function commandList(hosts: Iterable<CommandChains>): List {
  const chains = new Map<string, readonly CommandDefinition[]>();
  for (const { chains: own } of hosts) {
    for (const [name, chain] of own) if (!chains.has(name)) chains.set(name, chain);
  }
  const sorted = [...chains].sort(([one], [other]) => (one < other ? -1 : 1));
  const width = Math.max(...sorted.map(([name]) => name.length)) + 1;
  const lines = sorted.map(([name, chain]) => `  ${name.padEnd(width)}: ${describe(chain)}\n`);
  const commands = sorted.map(([name, chain]) => ({
    name,
    arguments: fullUsage(declaration(chain)),
    description: describe(chain),
    source: chain[0]!.source,
  }));
  return { text: `Valid commands are:\n${lines.join("")}`, data: { commands } };
}
