import type { EngineEvent } from "./engine.ts";
import type { LogLevel } from "./levels.ts";
import type { Reporter } from "./reporter.ts";

/** The log of a recipe; the engine decides where it goes and how it looks. */
export interface Log {
  debug(message: string): void;
  info(message: string): void;
  warning(message: string): void;
  error(message: string): void;
}

/** A log whose lines are events; `part` names the part or extension. */
export function logOf(report: Reporter<EngineEvent>, part?: string): Log {
  const at = (level: LogLevel) => (message: string) =>
    report({ type: "log", level, message, ...(part !== undefined && { part }) });
  return { debug: at("debug"), info: at("info"), warning: at("warning"), error: at("error") };
}
