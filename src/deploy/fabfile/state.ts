import { AsyncLocalStorage } from "node:async_hooks";
import { BuildoutError } from "../../errors/error.ts";
import type { Environment } from "../part/environment.ts";
import type { CommandContext } from "../run/chain.ts";

/** Kinds of lines that `hide` and `show` know; `output` is stdout and stderr, `everything` all. */
export type OutputGroup = "running" | "stdout" | "stderr" | "warnings";

/** What `cd`, `prefix`, `settings`, `hide` ... set for the calls inside them. */
export interface Settings {
  /** Folder on the host; undefined: the buildout's, if the host has it. */
  cwd: string | undefined;
  /** Folder on this machine; undefined: the buildout's. */
  lcwd: string | undefined;
  /** Commands that run before each command, in the same shell. */
  prefixes: readonly string[];
  /** A command that fails is told and given back instead of thrown. */
  warnOnly: boolean;
  /** Who logs in for `run`, `put` and `get`; undefined: the option `user`. */
  user: string | undefined;
  hidden: ReadonlySet<OutputGroup>;
}

/** Where a call from a fabfile stands: the command it belongs to, and what was set around it. */
export interface FabfileState {
  context: CommandContext;
  env: Environment;
  settings: Settings;
}

const storage = new AsyncLocalStorage<FabfileState>();

export const DEFAULT_SETTINGS: Settings = {
  cwd: undefined,
  lcwd: undefined,
  prefixes: [],
  warnOnly: false,
  user: undefined,
  hidden: new Set(),
};

/** The state of the command that calls. Throws `outside-command` where none does. */
export function currentState(): FabfileState {
  const state = storage.getStore();
  if (state !== undefined) return state;
  throw new BuildoutError("outside-command", "The fabfile asks for a host outside of a command.", {
    hint: "Use `api` inside the functions that the fabfile exports: only then a host is chosen.",
  });
}

export function withState<T>(state: FabfileState, action: () => T): T {
  return storage.run(state, action);
}

/** Runs `action` with some settings changed. */
export function withSettings<T>(change: Partial<Settings>, action: () => T): T {
  const state = currentState();
  return withState({ ...state, settings: { ...state.settings, ...change } }, action);
}
