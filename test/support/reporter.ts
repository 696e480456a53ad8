import type { EngineEvent } from "../../src/events/engine.ts";
import { LEVELS } from "../../src/events/levels.ts";
import type { Reporter } from "../../src/events/reporter.ts";
import { engineText } from "../../src/report/engine-text.ts";

/** Passes on messages from a level upwards, without the names of parts. */
export function saidTo(
  note: (message: string) => void,
  least: number = LEVELS.INFO,
): Reporter<EngineEvent> {
  return (event) => {
    const said = engineText(event);
    if (said !== undefined && (said.level === "always" || said.level >= least)) note(said.message);
  };
}
