import { argumentRange } from "../../arguments/check-arguments.ts";
import { type OptionDefinition, optionWords } from "../../arguments/grammar.ts";
import type { FabfileRun } from "../../deploy/fabfile/run.ts";
import type { Project } from "../../deploy/part/project.ts";
import { rolesOf } from "../../deploy/part/selection.ts";
import { declaration, describe } from "../../deploy/run/chain.ts";
import { BuildoutError } from "../../errors/error.ts";
import { builtinChains, loadCommands } from "../../program/host-commands.ts";
import { completionScript, optionValues, type Takes } from "../options/shells.ts";
import { OPTIONS, optionsWith } from "./hostout-options.ts";
import { OWN_WORDS } from "./own-words.ts";

/**
 * `hostout completion SHELL`: a script for the shell. The script asks `hostout completion words`
 * for the hosts and commands of the current buildout.
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
  const options = optionWords(OPTIONS);
  const anywhere = optionWords(optionsWith(""));
  const commands = [...builtinChains.chains].map(([name, chain]) => {
    const { arguments: usage, options: taking, own = [] } = declaration(chain);
    const known = taking === "untouched" ? [] : optionWords([...own, ...optionsWith(name)]);
    const words = /^\[([a-z]+(?:\|[a-z]+)+)\]$/.exec(usage)?.[1]?.split("|");
    return {
      name,
      summary: describe(chain),
      takes: taken(usage, own),
      ...(words && { words }),
      options: [...new Set(known)],
    };
  });
  const own = OWN_WORDS.map(({ name, description }) => ({ name, summary: description }));
  const others = [{ name: "all", summary: "Every host" }, ...own];
  const script = completionScript(shell, {
    program: "hostout",
    options,
    commands: [
      ...commands,
      ...others.map((other) => ({ ...other, takes: "commands" as const, options: anywhere })),
    ],
    values: optionValues([
      ...OPTIONS,
      ...[...builtinChains.chains.values()].flatMap((chain) => declaration(chain).own ?? []),
    ]),
    asks: "words",
  });
  return `${script}\n`;
}

/** What follows a command with this usage and these options. */
function taken(usage: string, own: readonly OptionDefinition[]): Takes {
  if (/^\[?(FILE|DIRECTORY)\b/.test(usage)) return "files";
  return argumentRange(usage).most === 0 && own.length === 0 ? "commands" : "itself";
}

/** The hosts and roles, and the commands that plugins and fabfiles add. Nothing outside a project. */
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
  const roles = [...rolesOf([...project.hosts.values()]).keys()].map((role) => `@${role}`);
  return [...new Set([...hosts, ...roles, ...added])];
}
