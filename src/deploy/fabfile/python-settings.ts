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
}

/** The state for a call with these settings. Python judges what commands give. */
export function stateFor(state: FabfileState, settings: PythonSettings): FabfileState {
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
