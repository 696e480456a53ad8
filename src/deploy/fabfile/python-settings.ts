import type { Destination, Destinations } from "./destinations.ts";
import { DEFAULT_SETTINGS, type FabfileState, type OutputGroup } from "./state.ts";

/** What Python's `env` and `output` say to each call. */
export interface PythonSettings {
  cwd: string | null;
  /** Absolute. */
  lcwd: string;
  prefixes: string[];
  /** Null: as the part says. */
  user: string | null;
  shell: string | null;
  hidden: OutputGroup[];
  /** Null: the command's host. */
  destination?: Destination | null;
}

/** The state for a call with these settings. Python judges what commands give. */
export function stateFor(
  state: FabfileState,
  settings: PythonSettings,
  destinations: Destinations,
): FabfileState {
  const there = destinations.stateAt(state, settings.destination);
  const local = localState(there, settings);
  if (there === state) return local;
  return { ...local, settings: { ...local.settings, cwd: fromHome(settings.cwd ?? "") } };
}

/** The same for a call that stays on this machine. */
export function localState(state: FabfileState, settings: PythonSettings): FabfileState {
  const { cwd, lcwd, prefixes, user, hidden } = settings;
  return {
    ...state,
    settings: {
      ...DEFAULT_SETTINGS,
      cwd: cwd ?? undefined,
      lcwd,
      prefixes,
      warnOnly: true,
      user: user ?? undefined,
      hidden: new Set(hidden),
    },
  };
}

/** On a host without a buildout folder paths begin where a login does. */
function fromHome(path: string): string {
  if (path === "") return "~";
  return path.startsWith("/") || path.startsWith("~") ? path : `~/${path}`;
}
