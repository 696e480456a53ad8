import type { Deployment } from "./deployment.ts";

/** One command as a command set defines it. */
export interface CommandDefinition {
  name: string;
  /** One line for the listing; may be empty. */
  description: string;
  /** Where it is defined, as shown: `collective.hostout` for the built-in ones. */
  source: string;
  run(context: CommandContext, args: readonly string[]): Promise<unknown>;
}

/** What a command works with. */
export interface CommandContext extends Pick<Deployment, "project" | "options" | "session"> {
  deployment: Deployment;
  /** Runs another command by name, the topmost of its chain. */
  call(name: string, ...args: string[]): Promise<unknown>;
}

/** All definitions of each name, the one that runs first in front. */
export type CommandChains = ReadonlyMap<string, readonly CommandDefinition[]>;

/** Sets given later override those given earlier. */
export function commandChains(
  sets: readonly (readonly CommandDefinition[])[],
): Map<string, CommandDefinition[]> {
  const chains = new Map<string, CommandDefinition[]>();
  for (const set of sets) {
    for (const command of set) {
      chains.set(command.name, [command, ...(chains.get(command.name) ?? [])]);
    }
  }
  return chains;
}

/** Runs the command `name` on the deployment's host, and tells that it does. */
export async function runCommand(
  chains: CommandChains,
  deployment: Deployment,
  name: string,
  args: readonly string[],
): Promise<unknown> {
  const command = chains.get(name)?.[0];
  if (command === undefined) throw new Error(`no command '${name}'`);
  const { project, options, session } = deployment;
  session.emit({ type: "command", name, source: command.source });
  const value = await command.run(
    {
      project,
      options,
      session,
      deployment,
      call: (other, ...rest) => runCommand(chains, deployment, other, rest),
    },
    args,
  );
  session.emit({ type: "result", name, value });
  return value;
}
