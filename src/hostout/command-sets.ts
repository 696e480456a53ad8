import { resolve } from "node:path";
import type { PublicApi } from "../buildout/module.ts";
import { BuildoutError } from "../error/index.ts";
import type { CommandSet } from "./chain.ts";
import type { HostOptions } from "./options.ts";
import type { Project } from "./project.ts";

/** What the commands of a host are made of, beside its own files. */
export interface CommandSources {
  builtin: CommandSet;
  /** Fabfiles of the plugins that come with this package. */
  plugins: ReadonlyMap<string, { fabfile(): Promise<Readonly<Record<string, unknown>>> }>;
  /** What loaded fabfiles get for `import "hostout"`. */
  api: PublicApi;
}

/**
 * The command sets of one host, each overriding those before it: the built-in commands, the
 * plugins that the part extends, then its `fabfiles`, both in their order.
 * Throws what loading a fabfile throws.
 */
export async function commandSets(
  { builtin, plugins, api }: CommandSources,
  project: Project,
  options: HostOptions,
): Promise<CommandSet[]> {
  const sets = [builtin];
  if (options.plugins.length + options.fabfiles.length === 0) return sets;
  const { loadFabfile, moduleCommands } = await import("./fabfile/load.ts");
  for (const { name, fabfile } of options.plugins) {
    const native = plugins.get(name);
    if (fabfile !== undefined) sets.push(await loadFabfile({ file: fabfile, source: name }, api));
    else if (native !== undefined) sets.push(moduleCommands(await native.fabfile(), name));
    else throw unknownPlugin(name);
  }
  for (const name of options.fabfiles) {
    sets.push(await loadFabfile({ file: resolve(project.directory, name), source: name }, api));
  }
  return sets;
}

function unknownPlugin(name: string): BuildoutError {
  return new BuildoutError("unknown-plugin", `There is no plugin '${name}' here.`, {
    hint: "Run bin/buildout again.",
  });
}
