import { LEVELS, type LogLevel } from "../events/levels.ts";
import type { AnyEvent, Reporter } from "../events/reporter.ts";

export interface JsonLinesOptions {
  /** Names the run in each of its lines. */
  run: string;
  write(line: string): void;
}

const LEVEL_OF: Record<LogLevel, number> = {
  debug: LEVELS.DEBUG,
  info: LEVELS.INFO,
  warning: LEVELS.WARNING,
  error: LEVELS.ERROR,
};

/** The level of an event that is part of the log; all others are worth a line at any level. */
function levelOf(event: AnyEvent): number {
  if (event.type === "log") return LEVEL_OF[event.level];
  // The output of programs that the engine runs; that of hosts is what one waits for.
  if (event.type === "output" && "program" in event) return LEVELS.DEBUG;
  return Number.POSITIVE_INFINITY;
}

/** Tells a run as JSON, one event a line, each with the version of the form, its run and number. */
export function jsonReporter({ run, write }: JsonLinesOptions): Reporter<AnyEvent> {
  let seq = 0;
  let threshold: number = LEVELS.INFO;
  return (event) => {
    if (event.type === "configured") threshold = event.logLevel;
    if (levelOf(event) < threshold) return;
    seq += 1;
    const host = "host" in event ? { host: event.host } : {};
    const head = { v: 1, run, t: new Date().toISOString(), seq, ...host };
    write(`${JSON.stringify({ ...head, ...event })}\n`);
  };
}
