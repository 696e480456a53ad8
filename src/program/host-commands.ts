import { existsSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { nativePlugins } from "../../recipes/plugins/index.ts";
import { builtinCommands } from "../deploy/commands/builtin.ts";
import { commandSets } from "../deploy/fabfile/command-sets.ts";
import type { FabfileRun } from "../deploy/fabfile/run.ts";
import { type Project, readProject } from "../deploy/part/project.ts";
import { type CommandChains, commandChains } from "../deploy/run/chain.ts";
import { BuildoutError } from "../errors/error.ts";
import { publicApi } from "./public-api.ts";

const SOURCES = {
  builtin: { commands: builtinCommands },
  plugins: nativePlugins,
  api: publicApi,
};

/** The commands of every host. */
export const builtinChains: CommandChains = commandChains([SOURCES.builtin]);

/** The commands of these hosts, by host. */
export async function loadCommands(
  project: Project,
  hosts: readonly string[],
  fabfiles: FabfileRun,
): Promise<Map<string, CommandChains>> {
  const chains = new Map<string, CommandChains>();
  for (const name of hosts) {
    const options = project.hosts.get(name)!;
    const isBuiltin = options.plugins.length + options.fabfiles.length === 0;
    const own = async () => commandChains(await commandSets(SOURCES, project, options, fabfiles));
    chains.set(name, isBuiltin ? builtinChains : await own());
  }
  return chains;
}

const CONFIGURATION = "parts/hostout/hostout.cfg";

/** The project of `file`, else of the buildout that `directory` is in. Throws `no-hostout-cfg`. */
export async function openProject(file: string | undefined, directory: string): Promise<Project> {
  if (file !== undefined && !existsSync(resolve(directory, file))) {
    throw new BuildoutError("usage", `There is no file ${resolve(directory, file)}.`, {
      hint: `Name the one that bin/buildout writes: ${CONFIGURATION}, if there is a hostout part.`,
    });
  }
  const found = file === undefined ? findConfiguration(directory) : resolve(directory, file);
  if (found !== undefined) return readProject(found);
  const isBuildout = existsSync(join(directory, "buildout.cfg"));
  throw new BuildoutError(
    "no-hostout-cfg",
    `There is no ${CONFIGURATION} in ${directory} or a directory above it.`,
    {
      hint: isBuildout
        ? "Add a part with 'recipe = hostout' to buildout.cfg, run bin/buildout, then bin/hostout."
        : "Change to the directory of a buildout with a hostout part, or name its configuration with --config.\n'buildout init' starts a new buildout.",
    },
  );
}

function findConfiguration(from: string): string | undefined {
  for (let folder = resolve(from); ; folder = dirname(folder)) {
    const file = join(folder, CONFIGURATION);
    if (existsSync(file)) return file;
    if (folder === dirname(folder)) return undefined;
  }
}
