import { existsSync, statSync } from "node:fs";
import { extname, join } from "node:path";
import { splitUsage } from "../../arguments/own-words.ts";
import { loadModule } from "../../buildout/lookup/module.ts";
import type { PublicApi } from "../../contract/engine.ts";
import { BuildoutError } from "../../errors/error.ts";
import { unusual } from "../../system/file-kind.ts";
import type { HostLocation } from "../host/location.ts";
import type { CommandContext, CommandDefinition, CommandSet } from "../run/chain.ts";
import { signature } from "./signature.ts";
import { DEFAULT_SETTINGS, withState } from "./state.ts";
import { type TaskFunction, taskInfo } from "./task.ts";

/** A fabfile and its display name. */
export interface FabfileSource {
  /** Absolute path. */
  file: string;
  source: string;
}

/** Exports that are not commands. */
const INITCOMMAND = "initcommand";
const LOCATEHOST = "locatehost";

function call(fn: TaskFunction, context: CommandContext, args: readonly unknown[]) {
  const state = { context, env: context.deployment.variables, settings: DEFAULT_SETTINGS };
  return withState(state, async () => fn(...args));
}

/** The exported functions of a module as commands. */
export function moduleCommands(
  module: Readonly<Record<string, unknown>>,
  source: string,
): CommandSet {
  const functions = Object.entries(module).filter(
    (entry): entry is [string, TaskFunction] =>
      typeof entry[1] === "function" && entry[0] !== "default",
  );
  const commands = functions
    .filter(([name]) => name !== INITCOMMAND && name !== LOCATEHOST)
    .map(([name, fn]): CommandDefinition => {
      const { description = "", parallel, arguments: usage, options, ...info } = taskInfo(fn);
      const takes = usage ?? signature(fn);
      const isUntouched =
        options === "untouched" || (usage === undefined && takes.endsWith("...]"));
      return {
        name,
        description,
        ...(isUntouched ? { arguments: takes } : splitUsage(takes)),
        ...(isUntouched && { options: "untouched" }),
        source,
        ...(parallel !== undefined && { parallel }),
        ...(info.changes && { changes: true }),
        ...(info.example !== undefined && { example: info.example }),
        run: (context, args) => call(fn, context, args),
      };
    });
  const find = (wanted: string) => functions.find(([name]) => name === wanted)?.[1];
  const [init, locate] = [find(INITCOMMAND), find(LOCATEHOST)];
  return {
    commands,
    ...(init && { source, initcommand: (context, name) => call(init, context, [name]) }),
    ...(locate && {
      locatehost: (context, name) =>
        call(locate, context, [name]) as Promise<HostLocation | undefined>,
    }),
  };
}

/** Loads fabfiles in Python; started with the first of them. */
export type PythonLoader = (fabfile: FabfileSource) => Promise<CommandSet>;

/**
 * Loads a fabfile. In TypeScript or JavaScript, every exported function is a command; in Python, a file or
 * a package, those that Fabric treats as tasks. Throws `no-fabfile`, and `module-error` or what
 * `PythonHost.load` throws if it cannot be loaded.
 */
export async function loadFabfile(
  { file, source }: FabfileSource,
  api: PublicApi,
  python: PythonLoader,
): Promise<CommandSet> {
  const stats = statSync(file, { throwIfNoEntry: false });
  const kind = stats?.isDirectory() ? undefined : stats && unusual(stats);
  if (kind !== undefined) {
    throw new BuildoutError("no-fabfile", `The fabfile ${file} is ${kind}, not a regular file.`, {
      location: { file },
      hint: "Correct the option 'fabfiles' and run bin/buildout again.",
    });
  }
  if (stats === undefined) {
    throw new BuildoutError("no-fabfile", `There is no fabfile ${file}.`, {
      location: { file },
      hint: "Correct the option 'fabfiles' and run bin/buildout again.",
    });
  }
  if (extname(file) === ".py") return python({ file, source });
  const packaged = join(file, "__init__.py");
  if (existsSync(packaged)) return python({ file: packaged, source });
  const { commands, ...set } = moduleCommands(await loadModule(file, api), source);
  return { ...set, commands: commands.map((command) => ({ ...command, usesTerminal: true })) };
}
