import type { Destination, Destinations } from "./destinations.ts";
import { DEFAULT_SETTINGS, type FabfileState, type OutputGroup } from "./state.ts";

/** What Python's `env` and `output` say to each call. */
export interface PythonSettings {
  /** Absolute. */
  lcwd: string;
  /** Null: as the part says. */
  user: string | null;
  hidden: OutputGroup[];
  /** Null: the command's host. */
  destination?: Destination | null;
}

/**
 * The state for a call with these settings: relative paths begin where a login does, as under
 * Fabric. Python judges what commands give.
 */
export function stateFor(
  state: FabfileState,
  settings: PythonSettings,
  destinations: Destinations,
): FabfileState {
  return localState(destinations.stateAt(state, settings.destination), settings);
}

/** The same for a call that stays on this machine. */
export function localState(
  state: FabfileState,
  { lcwd, user, hidden }: PythonSettings,
): FabfileState {
  return {
    ...state,
    settings: {
      ...DEFAULT_SETTINGS,
      cwd: "~",
      lcwd,
      warnOnly: true,
      user: user ?? undefined,
      hidden: new Set(hidden),
    },
  };
}
