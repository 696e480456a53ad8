import { AsyncLocalStorage } from "node:async_hooks";
import { BuildoutError } from "../../errors/error.ts";
import type { Environment } from "../part/environment.ts";
import type { CommandContext } from "../run/chain.ts";

/** Kinds of lines that `hide` and `show` know; `output` is stdout and stderr, `everything` all. */
export type OutputGroup = "running" | "stdout" | "stderr" | "warnings";

/** The settings that `cd`, `prefix`, `settings`, `hide` ... make for the calls inside them. */
export interface Settings {
  /** Directory on the host; undefined: the buildout's, if it exists. */
  cwd: string | undefined;
  /** Directory on this machine; undefined: the buildout's. */
  lcwd: string | undefined;
  /** Commands that run before each command, in the same shell. */
  prefixes: readonly string[];
  /** A failed command is reported and returned instead of thrown. */
  warnOnly: boolean;
  /** Who logs in for `run`, `put` and `get`; undefined: the option `user`. */
  user: string | undefined;
  hidden: ReadonlySet<OutputGroup>;
}

/** The context of a call from a fabfile: its command, and the settings around it. */
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

/** The state of the calling command. Throws `outside-command` if there is none. */
export function currentState(): FabfileState {
  const state = storage.getStore();
  if (state !== undefined) return state;
  throw new BuildoutError("outside-command", "The fabfile uses the host outside a command.", {
    hint: "Use `api` inside exported functions: only then is there a host.",
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
