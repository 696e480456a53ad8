/** Requests from fabfiles in Python: Fabric's functions, over our connection. */

import type { Json } from "../../bridge/worker.ts";
import { validText } from "../../pythonic/surrogate-escape.ts";
import type { Project } from "../part/project.ts";
import { type ClassicCommand, runClassic } from "./classic-commands.ts";
import { local } from "./commands.ts";
import { type Destination, Destinations } from "./destinations.ts";
import { Forwards } from "./forwards.ts";
import { LiveCommands } from "./live-commands.ts";
import { hostoutFact } from "./python-hostout.ts";
import { localState, type PythonSettings, stateFor } from "./python-settings.ts";
import { reboot } from "./reboot.ts";
import { awaitOnce, type FabfileRun, settleOnce } from "./run.ts";
import { sftpRequest } from "./sftp-requests.ts";
import type { FabfileState } from "./state.ts";
import { type RsyncOptions, rsync } from "./synchronize.ts";
import { get, put } from "./transfer.ts";

/** Answers one request of the command that the state belongs to. */
type Handler = (state: FabfileState, ...args: Json[]) => Json | Promise<Json>;

/** Requests about a host: the command's, or another one named in the settings. */
function hostHandlers(destinations: Destinations): Readonly<Record<string, Handler>> {
  const at = (state: FabfileState, settings: PythonSettings) =>
    stateFor(state, settings, destinations);
  return {
    "classic-run": async (state, settings: PythonSettings, command: ClassicCommand) => {
      const { stdout, stderr, code } = await runClassic(at(state, settings), command);
      // As paramiko reports a command that was ended by a signal.
      return { stdout: validText(stdout), stderr: validText(stderr), code: code ?? -1 };
    },
    bash: (state, settings: PythonSettings) => {
      const { context, settings: chosen } = at(state, settings);
      return context.session.bash(chosen.user ?? context.options.user);
    },
    put: (
      state,
      source: { path?: string; bytes?: string },
      remote: string,
      settings: PythonSettings,
      { mode }: { mode: number },
    ) =>
      put(at(state, settings), source.path ?? Buffer.from(source.bytes!, "base64"), remote, {
        mode,
      }),
    get: (state, remote: string, localFile: string, settings: PythonSettings) =>
      // As Fabric does, which sets the mode itself if requested.
      get(at(state, settings), remote, localFile, { keepMode: false }),
    rsync: async (
      state,
      localFolder: string,
      remoteFolder: string,
      settings: PythonSettings,
      capture: boolean,
      options: RsyncOptions,
    ) => {
      const lines: string[] = [];
      const onLine = capture && ((line: string) => lines.push(line));
      const there = at(state, settings);
      await rsync(there, localFolder, remoteFolder, { ...options, ...(onLine && { onLine }) });
      return lines.join("\n");
    },
    reboot: (state, command: string, wait: number, settings: PythonSettings, asRoot: boolean) =>
      reboot(at(state, settings).context.session, command, wait, asRoot),
    /** The next command logs in again. */
    "log-out": (state, settings: PythonSettings) => at(state, settings).context.session.logOut(),
    disconnect: (state, destination: Destination | null) =>
      destinations.leave(state.context.session, destination),
  };
}

/** Further requests of Fabric 2's connections. */
function connectionHandlers(open: OpenThings): Readonly<Record<string, Handler>> {
  const { destinations, live, forwards } = open;
  const at = (state: FabfileState, settings: PythonSettings) =>
    stateFor(state, settings, destinations);
  const connection = (state: FabfileState, settings: PythonSettings) => {
    const { context, settings: chosen } = at(state, settings);
    return context.session.logins.connection(chosen.user ?? context.options.user);
  };
  return {
    /** Resolves where a login would go, without connecting. */
    whereabouts: async (state, settings: PythonSettings) => {
      const { context, settings: chosen } = at(state, settings);
      const { user, hostName, port } = await context.session.logins.target(chosen.user);
      return { user, host: hostName, port };
    },
    /** Settings from configuration files, in the form of paramiko's `SSHConfig.lookup`. */
    "ssh-config": async (state, settings: PythonSettings) => {
      const { context, settings: chosen } = at(state, settings);
      const { hostName, settings: said } = await context.session.logins.target(chosen.user);
      const found: Record<string, string | string[]> = {};
      for (const { keyword, values, location } of said) {
        if (location.line === undefined) continue;
        const name = keyword.name.toLowerCase();
        const text = values.join(" ");
        found[name] = name === "identityfile" ? [...(found[name] ?? []), text] : text;
      }
      return { ...found, hostname: hostName };
    },
    connect: async (state, settings: PythonSettings) => void (await connection(state, settings)),
    "sudo-password": (state, settings: PythonSettings) =>
      at(state, settings).context.session.sudoPassword(),
    "live-start": (state, command: string, settings: PythonSettings, options: { pty: boolean }) =>
      live.start(at(state, settings), command, options),
    "live-next": (_, number: number) => live.next(number),
    "live-write": (_, number: number, text: string | null) => live.write(number, text),
    "live-kill": (_, number: number) => live.kill(number),
    "live-disown": (_, number: number) => live.disown(number),
    "forward-local": async (state, settings: PythonSettings, ends: Json) =>
      forwards.local(await connection(state, settings), ends),
    "forward-remote": async (state, settings: PythonSettings, ends: Json) =>
      forwards.remote(await connection(state, settings), ends),
    "forward-close": (_, number: number) => forwards.close(number),
    sftp: async (state, settings: PythonSettings, name: string, path: string, args: Json[]) =>
      sftpRequest(await connection(state, settings), name, path, args),
  };
}

/** Requests about this machine. */
function localHandlers({ output }: FabfileRun): Readonly<Record<string, Handler>> {
  return {
    local: async (
      state,
      command: string,
      settings: PythonSettings,
      { capture, terminal }: { capture: boolean; terminal: boolean },
    ) => {
      const hidden = [...settings.hidden, "warnings" as const];
      const result = await local(localState(state, { ...settings, hidden }), command, {
        capture,
        // Standard output is reserved for events.
        terminal: terminal && output === "stdout",
      });
      return { stdout: result.stdout, stderr: result.stderr, code: result.returnCode };
    },
  };
}

const commandHandlers: Readonly<Record<string, Handler>> = {
  "show-local": ({ context }, command: string) => context.session.emit({ type: "local", command }),
  "show-output": ({ context }, stream: "out" | "err", line: string) =>
    context.session.emit({ type: "output", stream, line, local: true }),
  warn: ({ context }, text: string) => context.session.emit({ type: "warning", text }),
  ask: ({ context }, question: string, hidden: boolean) =>
    context.session.ask(question, { hidden }),
  names: ({ context }) => context.names,
  call: ({ context }, name: string, args: Json[]) => context.call(name, ...args),
  super: ({ context }, args: Json[]) => context.super(...args),
  hostout: ({ context }, what: string) => hostoutFact(context, what),
};

/** Functions that run once, on the first host. */
function onceHandlers(run: FabfileRun, owner: object): Readonly<Record<string, Handler>> {
  return {
    once: (_, key: string) => awaitOnce(run, owner, key),
    "once-done": (_, key: string, value: Json) => settleOnce(run, key, { value }),
    "once-failed": (_, key: string) => settleOnce(run, key, undefined),
  };
}

/** What fabfiles in Python keep open on hosts. */
export class OpenThings {
  readonly destinations: Destinations;
  readonly live = new LiveCommands();
  readonly forwards = new Forwards();

  constructor(project: Project) {
    this.destinations = new Destinations(project);
  }

  async close(): Promise<void> {
    await this.forwards.closeAll();
    await this.destinations.close();
  }
}

export function pythonHandlers(
  run: FabfileRun,
  owner: object,
  open: OpenThings,
): Readonly<Record<string, Handler>> {
  return {
    ...hostHandlers(open.destinations),
    ...connectionHandlers(open),
    ...localHandlers(run),
    ...commandHandlers,
    ...onceHandlers(run, owner),
  };
}
