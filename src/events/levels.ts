/** Python's numbers for log levels, used by `log-level` and `verbosity`. */
export const LEVELS = { DEBUG: 10, INFO: 20, WARNING: 30, ERROR: 40, CRITICAL: 50 } as const;

export type LogLevel = "debug" | "info" | "warning" | "error";
