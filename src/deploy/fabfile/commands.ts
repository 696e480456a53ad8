import { resolve } from "node:path";
import { join as remoteJoin } from "node:path/posix";
import { BuildoutError } from "../../errors/error.ts";
import type { ExecResult } from "../../ssh/commands/exec.ts";
import { whenInterrupted } from "../../system/ending.ts";
import { killTree } from "../../system/process-tree.ts";
import { CommandResult } from "./result.ts";
import type { FabfileState } from "./state.ts";

export interface RunOptions {
  /** Return a failed result instead of throwing it. */
  warnOnly?: boolean;
  /** Show none of its output. */
  quiet?: boolean;
  /** Run the command on a terminal. */
  pty?: boolean;
  /** Input for the command. */
  input?: string | Uint8Array;
  /** Time limit in seconds. */
  timeout?: number;
  /** False: pass it to the login shell as is. A string: use this instead of the option `shell`. */
  shell?: boolean | string;
  /** Text to show instead of a command that contains a secret. */
  label?: string;
}

export interface SudoOptions extends RunOptions {
  /** Default root. */
  user?: string;
}

/** The command with the commands of `prefix` before it. */
function prefixed({ settings }: FabfileState, command: string): string {
  return [...settings.prefixes, command].join(" && ");
}

/** The directory that commands run in: that of `cd`, or else the buildout's if it exists. */
async function folder({ context, settings }: FabfileState): Promise<string | null> {
  if (settings.cwd?.startsWith("/") || settings.cwd?.startsWith("~")) return settings.cwd;
  const { directory, exists } = await context.session.facts();
  if (settings.cwd !== undefined) return remoteJoin(directory, settings.cwd);
  return exists ? directory : null;
}

/** A path on the host, relative to the directory of `cd`. */
export async function remotePath(state: FabfileState, path: string): Promise<string> {
  if (path.startsWith("/") || path === "~") return path;
  // SFTP starts in the home directory.
  if (path.startsWith("~/")) return path.slice(2);
  const base = await folder(state);
  return base === null ? path : remoteJoin(base.replace(/^~(\/|$)/, ""), path);
}

/** A path on this machine, relative to the directory of `lcd` or else to the buildout. */
export function localPath({ context, settings }: FabfileState, path: string): string {
  return resolve(context.project.directory, settings.lcwd ?? "", path);
}

/** Reports `failed` according to `settings`: throws it, or shows it as a warning. */
function judge(state: FabfileState, result: CommandResult, options: RunOptions): CommandResult {
  if (result.succeeded) return result;
  const { settings, context } = state;
  const message = `'${options.label ?? result.command}' ended with status ${result.returnCode} on ${context.options.name}.`;
  if (!(options.warnOnly ?? settings.warnOnly)) {
    throw new BuildoutError("remote-command-failed", message);
  }
  if (!options.quiet && !settings.hidden.has("warnings")) {
    context.session.emit({ type: "warning", text: message });
  }
  return result;
}

/** Runs a shell command on the host, whatever its status. Returns the result and the command line. */
async function execute(
  state: FabfileState,
  command: string,
  options: SudoOptions,
  sudo: boolean,
): Promise<ExecResult & { command: string }> {
  const { context, settings } = state;
  const { warnOnly: _, shell, user, ...rest } = options;
  const request = {
    ...rest,
    cwd: await folder(state),
    hidden: settings.hidden,
    ...(shell === false && { shell: null }),
    ...(typeof shell === "string" && { shell }),
  };
  const text = prefixed(state, command);
  const result = sudo
    ? await context.session.sudo(text, { ...request, ...(user !== undefined && { user }) })
    : await context.session.run(text, {
        ...request,
        login: settings.user ?? context.options.user,
      });
  return { ...result, command: text };
}

async function judged(
  state: FabfileState,
  command: string,
  options: SudoOptions,
  sudo: boolean,
): Promise<CommandResult> {
  const result = await execute(state, command, options, sudo);
  return judge(state, new CommandResult(command, result), options);
}

/**
 * Runs a shell command on the host as the login user, in the directory of `cd`. Throws
 * `remote-command-failed` for a status other than 0, unless `warnOnly`.
 */
export function run(
  state: FabfileState,
  command: string,
  options: RunOptions = {},
): Promise<CommandResult> {
  return judged(state, command, options, false);
}

/** The same as root, or as `options.user`, through sudo. */
export function sudo(
  state: FabfileState,
  command: string,
  options: SudoOptions = {},
): Promise<CommandResult> {
  return judged(state, command, options, true);
}

export interface LocalOptions {
  /** Capture the output in the result instead of showing it. */
  capture?: boolean;
  warnOnly?: boolean;
  /** The command uses the terminal: it reads from it, and writes output to it that is neither captured nor hidden. */
  terminal?: boolean;
}

/** Runs a shell command on this machine, in the directory of `lcd`. Throws `local-command-failed`. */
export async function local(
  state: FabfileState,
  command: string,
  { capture = false, warnOnly, terminal = false }: LocalOptions = {},
): Promise<CommandResult> {
  const { context, settings } = state;
  const { session, deployment } = context;
  const { execa } = await import("execa");
  const text = prefixed(state, command);
  if (!settings.hidden.has("running")) session.emit({ type: "local", command: text });
  const show = (stream: "out" | "err") => {
    const isShown = !capture && !settings.hidden.has(stream === "out" ? "stdout" : "stderr");
    if (terminal && isShown) return "inherit";
    return async function* (line: unknown) {
      if (isShown) session.emit({ type: "output", stream, line: String(line), local: true });
      yield line;
    };
  };
  // With the terminal's Ctrl-C a shell would die before what it has started in the background, which nothing
  // finds any more; with several hosts the first Ctrl-C ends no command. The run ends it, with its tree.
  const script = terminal ? text : `trap '' INT\n${text}`;
  const child = execa("/bin/sh", ["-c", script], {
    cwd: localPath(state, "."),
    env: deployment.env,
    extendEnv: false,
    stdin: terminal ? "inherit" : "ignore",
    reject: false,
    stdout: show("out"),
    stderr: show("err"),
  });
  const end = () => child.pid !== undefined && killTree(child.pid);
  const done = await child.finally(whenInterrupted(end, session.signal));
  if (session.signal.aborted) throw new BuildoutError("interrupted", "Interrupted.");
  const result = new CommandResult(command, {
    stdout: String(done.stdout ?? ""),
    stderr: String(done.stderr ?? ""),
    code: done.exitCode ?? null,
  });
  if (result.failed) {
    const message = `'${command}' ended with status ${result.returnCode} on this machine.`;
    if (!(warnOnly ?? settings.warnOnly)) {
      throw new BuildoutError("local-command-failed", message, {
        ...(capture && { output: result.stderr }),
      });
    }
    if (!settings.hidden.has("warnings")) session.emit({ type: "warning", text: message });
  }
  return result;
}
