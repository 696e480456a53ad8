import type { EngineEvent } from "../events/engine.ts";
import { LEVELS } from "../events/levels.ts";
import type { Reporter } from "../events/reporter.ts";
import type { Paint } from "./color.ts";
import { engineText, type Said } from "./engine-text.ts";
import { formatRecord } from "./log-format.ts";

const ENGINE = "zc.buildout";
const PART_FORMAT = "%(name)s: %(message)s";
const ENGINE_FORMAT = "%(message)s";

/**
 * Prints an engine run as zc.buildout does: its own lines bare, those of a part prefixed with the part's
 * name, or both according to `log-format`. `write` receives whole lines.
 */
export function logReporter(write: (text: string) => void, paint: Paint): Reporter<EngineEvent> {
  let threshold: number = LEVELS.INFO;
  let logFormat = "";
  const print = (said: Said) => {
    if (said.level === "always") {
      write(`${said.message}\n`);
      return;
    }
    const { level, part, message } = said;
    const format = logFormat || (part === undefined ? ENGINE_FORMAT : PART_FORMAT);
    const line = formatRecord(format, { level, name: part ?? ENGINE, message, time: new Date() });
    if (level >= LEVELS.ERROR) write(`${paint(line, "red")}\n`);
    else if (level >= LEVELS.WARNING) write(`${paint(line, "yellow")}\n`);
    else write(`${line}\n`);
  };
  const pairs = new Pairs();
  return (event) => {
    if (event.type === "configured") {
      threshold = event.logLevel;
      logFormat = event.logFormat;
    }
    const said = engineText(event);
    const isShown = said !== undefined && (said.level === "always" || said.level >= threshold);
    if (isShown || event.type === "error" || event.type === "done") {
      for (const one of pairs.add(event, said)) print(one);
    }
  };
}

/** The normalized name at the start of a requirement. */
const keyOf = (requirement: string) =>
  (/^[\w.-]+/.exec(requirement)?.[0] ?? "").replace(/[-_.]+/g, "-").toLowerCase();

/**
 * Reports for each distribution first that it is being fetched and then that it is installed, like
 * zc.buildout, which fetches one at a time; pip and uv fetch many, and install them at the end.
 */
class Pairs {
  /** The distribution of the last line. */
  private current: string | undefined;
  private readonly held = new Map<string, Said>();

  /** The lines to print now, in order. */
  add(event: EngineEvent, said: Said | undefined): Said[] {
    if (said !== undefined && event.type === "distribution-getting") {
      const key = keyOf(event.requirement);
      if (this.current === undefined) {
        this.current = key;
        return [said];
      }
      this.held.set(key, said);
      return [];
    }
    if (said !== undefined && event.type === "distribution-got") {
      const key = keyOf(event.name);
      const getting = this.held.get(key);
      this.held.delete(key);
      if (this.current === key) this.current = undefined;
      return getting === undefined ? [said] : [getting, said];
    }
    const all = [...this.held.values(), ...(said === undefined ? [] : [said])];
    this.held.clear();
    this.current = undefined;
    return all;
  }
}
