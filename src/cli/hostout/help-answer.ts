import type { FabfileRun } from "../../deploy/fabfile/run.ts";
import type { Project } from "../../deploy/part/project.ts";
import type { CommandChains } from "../../deploy/run/chain.ts";
import { BuildoutError } from "../../errors/error.ts";
import { didYouMean } from "../../errors/nearest.ts";
import { builtinChains, loadCommands } from "../../program/host-commands.ts";
import { commandHelp, helpText } from "./hostout-help.ts";
import { ownHelp } from "./own-words.ts";

/** `hostout help [COMMAND]`: built-in commands are known everywhere, others only in a project. */
export async function help(
  [name, extra]: readonly string[],
  open: () => Promise<Project>,
  fabfiles: FabfileRun,
): Promise<string> {
  if (extra !== undefined) {
    throw new BuildoutError("usage", `'help' takes one command: '${extra}'.`, {
      hint: "Usage: bin/hostout help [COMMAND]",
    });
  }
  const builtin = new Map([["", builtinChains]]);
  let chains: ReadonlyMap<string, CommandChains> = builtin;
  if (name !== undefined && !builtinChains.chains.has(name)) {
    const project = await open().catch(unlessOutside);
    if (project) chains = await loadCommands(project, [...project.hosts.keys()], fabfiles);
  }
  return helpFor(name, chains);
}

/** Undefined if there is no project. */
export function unlessOutside(error: unknown): undefined {
  if (!(error instanceof BuildoutError) || error.code !== "no-hostout-cfg") throw error;
}

export function helpFor(
  name: string | undefined,
  chains: ReadonlyMap<string, CommandChains>,
): string {
  if (name === undefined) return `${helpText()}\n`;
  const own = ownHelp(name);
  if (own !== undefined) return `${own}\n`;
  for (const { chains: own } of chains.values()) {
    const chain = own.get(name);
    if (chain !== undefined) return `${commandHelp(chain)}\n`;
  }
  const known = [...chains.values()].flatMap(({ chains: own }) => [...own.keys()]);
  throw new BuildoutError("unknown-command", `There is no command '${name}'.`, {
    hint: didYouMean(name, known) ?? "'bin/hostout HOST' lists the commands of a host.",
  });
}
