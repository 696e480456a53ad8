import type { FabfileRun } from "../../deploy/fabfile/run.ts";
import type { Project } from "../../deploy/part/project.ts";
import { BuildoutError } from "../../errors/error.ts";
import { optionWords } from "../options/grammar.ts";
import { completionScript } from "../options/shells.ts";
import { builtinChains, loadCommands } from "./host-commands.ts";
import { OPTIONS } from "./options.ts";

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
  const table = { program: "hostout", options: optionWords(OPTIONS) } as const;
  return `${completionScript(shell, table)}
`;
}

/** Outside a project only the commands that every host has. */
async function hostWords(
  openProject: () => Promise<Project>,
  fabfiles: FabfileRun,
): Promise<string[]> {
  const own = ["help", "completion"];
  let project: Project;
  try {
    project = await openProject();
  } catch (error) {
    if (!(error instanceof BuildoutError)) throw error;
    return [...own, ...builtinChains.chains.keys()];
  }
  const hosts = [...project.hosts.keys()];
  const chains = await loadCommands(project, hosts, fabfiles);
  const commands = [...chains.values()].flatMap(({ chains: known }) => [...known.keys()]);
  return [...new Set([...hosts, "all", ...own, ...commands])];
}
