import { randomUUID } from "node:crypto";
import type { Shown } from "../../contract/engine.ts";
import type { EngineEvent } from "../../events/engine.ts";
import { errorData } from "../../events/error-data.ts";
import type { Reporter } from "../../events/reporter.ts";
import { jsonReporter } from "../../report/json-lines.ts";
import { lineWriter } from "./line-writer.ts";

/** Prints a run of the engine as JSON lines; the last one is always `done`. */
export interface EventsRun {
  report: Reporter<EngineEvent>;
  succeeded(): void;
  failed(error: unknown): void;
}

/** `onLost` is called when the lines cannot be written. */
export function eventsRun(
  descriptor: number,
  shown: Shown,
  onLost: (error: unknown) => void,
): EventsRun {
  const writeLine = lineWriter(descriptor, onLost);
  const write = (line: string) => writeLine(shown.hide(line));
  const report = jsonReporter({ run: randomUUID(), write });
  let ended = false;
  const end = (ok: boolean) => {
    if (!ended) report({ type: "done", ok });
    ended = true;
  };
  const failed = (error: unknown) => {
    if (!ended) report({ type: "error", ...errorData(error) });
    end(false);
  };
  // A recipe may end the process.
  process.once("exit", () => {
    if (!ended) failed(new Error("The process ended before the run started."));
  });
  return { report, succeeded: () => end(true), failed };
}
