import type { Log } from "./recipe.ts";

/** Python's numbers for log levels, which `log-level` and `verbosity` count in. */
export const LEVELS = { DEBUG: 10, INFO: 20, WARNING: 30, ERROR: 40, CRITICAL: 50 } as const;

export interface LogSettings {
  /** Messages below this number are dropped. */
  level: number;
  /** `[buildout] log-format`; empty: zc.buildout's own form. */
  format: string;
}

/** Where the engine's messages go. Handed in by whoever starts it. */
export interface Output {
  /** Plain text for standard output, whatever the log level. */
  print(text: string): void;
  /** Called once the configuration is known. */
  configure(settings: LogSettings): void;
  /** The log of a part; without name, the engine's own. */
  log(name?: string): Log;
}
