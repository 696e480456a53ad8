import type { Destination, Destinations } from "./destinations.ts";
import { DEFAULT_SETTINGS, type FabfileState, type OutputGroup } from "./state.ts";

/** The settings of Python's `env` and `output` for a call. */
export interface PythonSettings {
  /** Absolute. */
  lcwd: string;
  /** Null: from the part. */
  user: string | null;
  hidden: OutputGroup[];
  /** Null: the command's host. */
  destination?: Destination | null;
}

/**
 * The state for a call with these settings: relative paths start in the login directory, as in Fabric.
 * Python checks the results of commands.
 */
export function stateFor(
  state: FabfileState,
  settings: PythonSettings,
  destinations: Destinations,
): FabfileState {
  return localState(destinations.stateAt(state, settings.destination), settings);
}

/** The same for a local call. */
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
