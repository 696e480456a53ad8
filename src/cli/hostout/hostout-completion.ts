import type { FabfileRun } from "../../deploy/fabfile/run.ts";
import type { Project } from "../../deploy/part/project.ts";
import { describe } from "../../deploy/run/chain.ts";
import { BuildoutError } from "../../errors/error.ts";
import { optionWords } from "../options/grammar.ts";
import { completionScript } from "../options/shells.ts";
import { builtinChains, loadCommands } from "./host-commands.ts";
import { OPTIONS } from "./hostout-options.ts";
import { OWN_WORDS } from "./own-words.ts";

/**
 * `hostout completion SHELL`: a script for the shell. The script asks `hostout completion words`
 * for the hosts and commands of the buildout it is called in.
 */
export async function completion(
  words: readonly string[],
  openProject: () => Promise<Project>,
  fabfiles: FabfileRun,
): Promise<string> {
  const [shell, extra] = words;
  if (extra !== undefined) {
    throw new BuildoutError("usage", `'completion' takes one shell: '${extra}'.`);
  }
  if (shell === "words") {
    return (await hostWords(openProject, fabfiles)).map((word) => `${word}\n`).join("");
  }
  const commands = [...builtinChains.chains].map(
    ([name, chain]) => [name, describe(chain)] as const,
  );
  const own = OWN_WORDS.map(({ name, description }) => [name, description] as const);
  const table = {
    program: "hostout",
    options: optionWords(OPTIONS),
    commands: [...commands, ["all", "Every host"], ...own],
  } as const;
  return `${completionScript(shell, table)}\n`;
}

/** The hosts, and the commands that plugins and fabfiles add. Nothing outside a project. */
async function hostWords(
  openProject: () => Promise<Project>,
  fabfiles: FabfileRun,
): Promise<string[]> {
  let project: Project;
  try {
    project = await openProject();
  } catch (error) {
    if (error instanceof BuildoutError) return [];
    throw error;
  }
  const hosts = [...project.hosts.keys()];
  const chains = await loadCommands(project, hosts, fabfiles);
  const commands = [...chains.values()].flatMap(({ chains: known }) => [...known.keys()]);
  const added = commands.filter((name) => !builtinChains.chains.has(name));
  return [...new Set([...hosts, ...added])];
}
