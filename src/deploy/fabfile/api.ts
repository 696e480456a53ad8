import { BuildoutError } from "../../errors/error.ts";
import type { Environment } from "../part/environment.ts";
import type { Project } from "../part/project.ts";
import {
  type LocalOptions,
  local,
  localPath,
  type RunOptions,
  run,
  type SudoOptions,
  sudo,
} from "./commands.ts";
import * as files from "./files.ts";
import type { PythonProgram, PythonSource } from "./python-program.ts";
import type { ReleaseContents } from "./release-contents.ts";
import type { CommandResult } from "./result.ts";
import { currentState, type OutputGroup, type Settings, withSettings } from "./state.ts";
import { type RsyncOptions, rsync } from "./synchronize.ts";
import { parallel, serial, task } from "./task.ts";
import { get, type PutOptions, put } from "./transfer.ts";

/** Names of groups, as in Fabric. */
export type OutputName = OutputGroup | "output" | "everything";

const GROUPS: Record<OutputName, readonly OutputGroup[]> = {
  running: ["running"],
  stdout: ["stdout"],
  stderr: ["stderr"],
  warnings: ["warnings"],
  output: ["stdout", "stderr"],
  everything: ["running", "stdout", "stderr", "warnings"],
};

/** Every command of the host by name: `await api.commands.deploy()`. */
export type Commands = Readonly<Record<string, (...args: unknown[]) => Promise<unknown>>>;

function commandsOf(): Commands {
  const { context } = currentState();
  const call =
    (name: string) =>
    (...args: unknown[]) =>
      context.call(name, ...args);
  return new Proxy(
    {},
    {
      get: (_, name) =>
        // `await` looks for `then`.
        typeof name === "string" && name !== "then" ? call(name) : undefined,
      has: (_, name) => context.names.includes(String(name)),
      ownKeys: () => [...context.names],
      getOwnPropertyDescriptor: () => ({ enumerable: true, configurable: true }),
    },
  );
}

const env = new Proxy({} as Environment, {
  get(_, name) {
    if (name === "hostout") return commandsOf();
    return Reflect.get(currentState().env, name);
  },
  set: (_, name, value) => Reflect.set(currentState().env, name, value),
  has: (_, name) => name === "hostout" || Reflect.has(currentState().env, name),
  deleteProperty: (_, name) => Reflect.deleteProperty(currentState().env, name),
  ownKeys: () => Reflect.ownKeys(currentState().env),
  getOwnPropertyDescriptor: (_, name) => Reflect.getOwnPropertyDescriptor(currentState().env, name),
});

function groups(names: readonly OutputName[]): OutputGroup[] {
  return names.flatMap((name) => GROUPS[name] ?? []);
}

/** A directory relative to the current setting, unless it is absolute. */
function below(base: string | undefined, path: string): string {
  return base === undefined || /^[/~]/.test(path) ? path : `${base.replace(/\/$/, "")}/${path}`;
}

/** The settings that `api.settings` takes. */
export interface FabfileSettings {
  /** A failed command is returned instead of thrown. */
  warnOnly?: boolean;
  /** Who logs in for `run`, `put` and `get`. */
  user?: string;
  cwd?: string;
}

/**
 * The API for functions of a fabfile. Every call belongs to its command and host, even if several hosts run
 * in parallel.
 */
export const api = {
  /** The options of the hostout part, and values set by commands; shared by all commands of a host. */
  env,

  /** Runs a shell command on the host as the login user. Throws `remote-command-failed`. */
  run: (command: string, options?: RunOptions): Promise<CommandResult> =>
    run(currentState(), command, options),
  /** The same as root or another user, through sudo. */
  sudo: (command: string, options?: SudoOptions): Promise<CommandResult> =>
    sudo(currentState(), command, options),
  /** Runs a shell command on this machine, in the buildout's directory. Throws `local-command-failed`. */
  local: (command: string, options?: LocalOptions): Promise<CommandResult> =>
    local(currentState(), command, options),

  /** Uploads a file, a directory or bytes; returns the path on the host. */
  put: (source: string | Uint8Array, remote?: string, options?: PutOptions): Promise<string> =>
    put(currentState(), source, remote, options),
  /** Downloads a file or a directory; returns the local path. */
  get: (remote: string, local?: string): Promise<string> => get(currentState(), remote, local),
  /** Synchronizes a directory with rsync, through the same connection. */
  rsync: (localFolder: string, remoteFolder: string, options?: RsyncOptions): Promise<void> =>
    rsync(currentState(), localFolder, remoteFolder, options),

  /** Runs `action` with another working directory on the host. */
  cd: <T>(path: string, action: () => T): T =>
    withSettings({ cwd: below(currentState().settings.cwd, path) }, action),
  /** The same for `local`, and for local paths of `put` and `get`. */
  lcd: <T>(path: string, action: () => T): T =>
    withSettings({ lcwd: localPath(currentState(), path) }, action),
  /** Runs `action` with a command before each command, as in `api.prefix(". bin/activate", ...)`. */
  prefix: <T>(command: string, action: () => T): T =>
    withSettings({ prefixes: [...currentState().settings.prefixes, command] }, action),
  settings: <T>(settings: FabfileSettings, action: () => T): T =>
    withSettings(settings as Partial<Settings>, action),
  /** Runs `action` without showing lines of these kinds. */
  hide: <T>(names: OutputName | readonly OutputName[], action: () => T): T => {
    const hidden = new Set(currentState().settings.hidden);
    for (const group of groups([names].flat())) hidden.add(group);
    return withSettings({ hidden }, action);
  },
  /** Runs `action` showing lines of these kinds again. */
  show: <T>(names: OutputName | readonly OutputName[], action: () => T): T => {
    const hidden = new Set(currentState().settings.hidden);
    for (const group of groups([names].flat())) hidden.delete(group);
    return withSettings({ hidden }, action);
  },
  /** Runs `action` as the buildout user. */
  asBuildoutUser: <T>(action: () => T): T => {
    const { options } = currentState().context;
    return withSettings({ user: options.buildoutUser ?? options.user }, action);
  },

  /** Asks on the terminal. An empty answer means the default. Throws `no-terminal`. */
  async prompt(question: string, options: { default?: string; hidden?: boolean } = {}) {
    const { session } = currentState().context;
    const shown = options.default === undefined ? question : `${question} [${options.default}]`;
    const answer = await session.ask(shown, { hidden: options.hidden ?? false });
    return answer === "" ? (options.default ?? "") : answer;
  },
  /** Asks for a yes or no. */
  confirm: (question: string): Promise<boolean> => currentState().context.session.confirm(question),
  /** Prints a line for the user. */
  note: (text: string): void => currentState().context.session.note(text),
  warn: (text: string): void => currentState().context.session.emit({ type: "warning", text }),
  /** Prints a list for the user; for programs, a command returns its list. */
  table: (head: string[], rows: string[][]): void =>
    currentState().context.session.emit({ type: "table", head, rows }),
  /** Hides this value in all further output. */
  conceal: (value: string): void => currentState().context.deployment.hidden.add(value),
  /** Ends the run with an error. */
  abort(message: string): never {
    throw new BuildoutError("aborted", message);
  },

  /** The development buildout: its directory, and those of its develop packages. */
  get project(): Pick<Project, "directory" | "packages"> {
    return currentState().context.project;
  },
  /** What a deployment would put on a host whose eggs and downloads are in the directory `cache`. */
  async release(places: { cache: string }): Promise<ReleaseContents> {
    const { release } = await import("./release-contents.ts");
    return release(currentState(), places);
  },
  /** The private key to authorize, created if there is none, and its public half. */
  identity: (): Promise<{ file: string; publicKey: string }> =>
    currentState().context.session.identity(),
  /** Starts a program in Python, with the interpreter of the part. Close it when done. */
  async python(source: PythonSource): Promise<PythonProgram> {
    const { pythonProgram } = await import("./python-program.ts");
    return pythonProgram(currentState(), source);
  },
  /** The command of the same name that this one overrides. */
  super: (...args: unknown[]): Promise<unknown> => currentState().context.super(...args),
  /** Every command of this host by name. */
  get commands(): Commands {
    return commandsOf();
  },

  files: {
    exists: (path: string, options?: files.FileOptions) =>
      files.exists(currentState(), path, options),
    contains: (path: string, text: string | RegExp, options?: files.ContainsOptions) =>
      files.contains(currentState(), path, text, options),
    append: (path: string, text: string | readonly string[], options?: files.AppendOptions) =>
      files.append(currentState(), path, text, options),
    sed: (path: string, before: string, after: string, options?: files.SedOptions) =>
      files.sed(currentState(), path, before, after, options),
    upload_template: (
      file: string,
      destination: string,
      context?: Readonly<Record<string, unknown>>,
      options?: files.TemplateOptions,
    ) => files.uploadTemplate(currentState(), file, destination, context, options),
  },

  task,
  parallel,
  serial,
};
