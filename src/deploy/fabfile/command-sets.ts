import { isAbsolute, resolve } from "node:path";
import type { PublicApi } from "../../contract/engine.ts";
import { BuildoutError } from "../../errors/error.ts";
import type { HostOptions } from "../part/options.ts";
import type { Project } from "../part/project.ts";
import type { CommandSet } from "../run/chain.ts";
import type { PythonFabfile, PythonHost } from "./python.ts";
import type { FabfileRun } from "./run.ts";

/** Sources of a host's commands, besides its own files. */
export interface CommandSources {
  builtin: CommandSet;
  /** Fabfiles of the plugins that come with this package. */
  plugins: ReadonlyMap<string, { fabfile(): Promise<Readonly<Record<string, unknown>>> }>;
  /** The module that loaded fabfiles get when they import the public API. */
  api: PublicApi;
}

/**
 * The command sets of one host, each overriding those before it: the built-in commands, the plugins that
 * the part extends, then its `fabfiles`, both in their order. Throws errors from loading a fabfile.
 */
export async function commandSets(
  { builtin, plugins, api }: CommandSources,
  project: Project,
  options: HostOptions,
  run: FabfileRun,
): Promise<CommandSet[]> {
  const sets = [builtin];
  if (options.plugins.length + options.fabfiles.length === 0) return sets;
  const { loadFabfile, moduleCommands } = await import("./load.ts");
  const python = pythonLoader(project, options, run);
  for (const { name, fabfile } of options.plugins) {
    const native = plugins.get(name);
    if (fabfile === undefined) {
      if (native === undefined) throw unknownPlugin(name);
      sets.push(moduleCommands(await native.fabfile(), name));
    } else if (isAbsolute(fabfile)) {
      sets.push(await loadFabfile({ file: fabfile, source: name }, api, python));
    } else {
      const locations = options.pluginPath;
      sets.push(await python({ module: fabfile, source: name, locations }));
    }
  }
  for (const name of options.fabfiles) {
    const file = resolve(project.directory, name);
    sets.push(await loadFabfile({ file, source: name }, api, python));
  }
  return sets;
}

/** Loads fabfiles in Python into one process for this host, which `run` ends. */
function pythonLoader(project: Project, options: HostOptions, run: FabfileRun) {
  let host: PythonHost | undefined;
  return async (fabfile: PythonFabfile): Promise<CommandSet> => {
    if (host === undefined) {
      const { PythonHost } = await import("./python.ts");
      const begun = new PythonHost(project, options, run);
      run.closing.push(() => begun.close());
      host = begun;
    }
    return host.load(fabfile);
  };
}

function unknownPlugin(name: string): BuildoutError {
  return new BuildoutError("unknown-plugin", `There is no plugin '${name}' here.`, {
    hint: "Run bin/buildout again.",
  });
}
