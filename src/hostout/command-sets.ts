import { resolve } from "node:path";
import type { PublicApi } from "../buildout/module.ts";
import type { CommandSet } from "./chain.ts";
import type { HostOptions } from "./options.ts";
import type { Project } from "./project.ts";

/**
 * The command sets of one host, each overriding those before it: the built-in commands, then the
 * part's `fabfiles` in their order. Throws what loading a fabfile throws.
 */
export async function commandSets(
  builtin: CommandSet,
  project: Project,
  options: HostOptions,
  api: PublicApi,
): Promise<CommandSet[]> {
  const sets = [builtin];
  for (const name of options.fabfiles) {
    const { loadFabfile } = await import("./fabfile/load.ts");
    sets.push(await loadFabfile({ file: resolve(project.directory, name), source: name }, api));
  }
  return sets;
}
