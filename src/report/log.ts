import type { EngineEvent } from "../events/engine.ts";
import { LEVELS } from "../events/levels.ts";
import type { Reporter } from "../events/reporter.ts";
import type { Paint } from "./colour.ts";
import { engineText } from "./engine-text.ts";
import { formatRecord } from "./log-format.ts";

const ENGINE = "zc.buildout";
const PART_FORMAT = "%(name)s: %(message)s";
const ENGINE_FORMAT = "%(message)s";

/**
 * A run of the engine as zc.buildout prints it: its own lines bare, those of a part with the
 * part's name before them, or both as `log-format` says. `write` gets whole lines.
 */
export function logReporter(write: (text: string) => void, paint: Paint): Reporter<EngineEvent> {
  let threshold: number = LEVELS.INFO;
  let logFormat = "";
  return (event) => {
    if (event.type === "configured") {
      threshold = event.logLevel;
      logFormat = event.logFormat;
    }
    const said = engineText(event);
    if (said === undefined) return;
    if (said.level === "always") {
      write(`${said.message}\n`);
      return;
    }
    const { level, part, message } = said;
    if (level < threshold) return;
    const format = logFormat || (part === undefined ? ENGINE_FORMAT : PART_FORMAT);
    const line = formatRecord(format, { level, name: part ?? ENGINE, message, time: new Date() });
    if (level >= LEVELS.ERROR) write(`${paint(line, "red")}\n`);
    else if (level >= LEVELS.WARNING) write(`${paint(line, "yellow")}\n`);
    else write(`${line}\n`);
  };
}
