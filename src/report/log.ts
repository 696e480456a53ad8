import { LEVELS, type LogSettings, type Output } from "../contract/output.ts";
import type { Paint } from "./colour.ts";
import { formatRecord } from "./log-format.ts";

const ENGINE = "zc.buildout";
const PART_FORMAT = "%(name)s: %(message)s";
const ENGINE_FORMAT = "%(message)s";

/**
 * Log lines as zc.buildout prints them: its own bare, those of a part with the
 * part's name before them, or both as `log-format` says. `write` gets whole lines.
 */
export function logOutput(write: (text: string) => void, paint: Paint): Output {
  let settings: LogSettings = { level: LEVELS.INFO, format: "" };
  const emit = (level: number, name: string | undefined, message: string) => {
    if (level < settings.level) return;
    const format = settings.format || (name === undefined ? ENGINE_FORMAT : PART_FORMAT);
    const record = { level, name: name ?? ENGINE, message, time: new Date() };
    const line = formatRecord(format, record);
    if (level >= LEVELS.ERROR) write(`${paint(line, "red")}\n`);
    else if (level >= LEVELS.WARNING) write(`${paint(line, "yellow")}\n`);
    else write(`${line}\n`);
  };
  return {
    print: (text) => write(`${text}\n`),
    configure: (chosen) => {
      settings = chosen;
    },
    log: (name) => ({
      debug: (message) => emit(LEVELS.DEBUG, name, message),
      info: (message) => emit(LEVELS.INFO, name, message),
      warning: (message) => emit(LEVELS.WARNING, name, message),
      error: (message) => emit(LEVELS.ERROR, name, message),
    }),
  };
}
