import { LEVELS, type LogLevel } from "../events/levels.ts";
import type { AnyEvent, Reporter } from "../events/reporter.ts";
import { isEscaped, originalBytes, validText } from "../pythonic/surrogate-escape.ts";

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

/** The level of an event that is part of the log; all others are printed at any level. */
function levelOf(event: AnyEvent): number {
  if (event.type === "log") return LEVEL_OF[event.level];
  // Only output of programs that the engine runs; that of hosts is always shown.
  if (event.type === "output" && "program" in event) return LEVELS.DEBUG;
  return Number.POSITIVE_INFINITY;
}

/** Prints a run as JSON, one event per line, each with the format version, its run and number. */
export function jsonReporter({ run, write }: JsonLinesOptions): Reporter<AnyEvent> {
  let seq = 0;
  let threshold: number = LEVELS.INFO;
  return (event) => {
    if (event.type === "configured") threshold = event.logLevel;
    if (levelOf(event) < threshold) return;
    seq += 1;
    const host = "host" in event ? { host: event.host } : {};
    const head = { v: 1, run, t: new Date().toISOString(), seq, ...host };
    write(`${JSON.stringify({ ...head, ...event, ...exact(event) }, valid)}\n`);
  };
}

/** An event for a program: a line that is not UTF-8 has U+FFFD, and its bytes in `base64`. */
export function exactEvent<E extends AnyEvent>(event: E): E {
  if (event.type !== "output" || !isEscaped(event.line)) return event;
  return { ...event, line: validText(event.line), ...exact(event) };
}

/** The bytes of a line that is not UTF-8, which JSON cannot express otherwise. */
function exact(event: AnyEvent): { base64?: string } {
  if (event.type !== "output" || !isEscaped(event.line)) return {};
  return { base64: originalBytes(event.line).toString("base64") };
}

const valid = (_: string, value: unknown) => (typeof value === "string" ? validText(value) : value);
