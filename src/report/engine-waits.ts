import type { EngineEvent } from "../events/engine.ts";
import { engineText } from "./engine-text.ts";
import type { StatusLine } from "./progress.ts";

/** Follows a run of the engine on a status line: its last output, including that of programs it runs. */
export function engineWaits(status: StatusLine): (event: EngineEvent, since?: number) => void {
  return (event, since) => {
    status.clear();
    const text = textOf(event);
    if (text === undefined) status.heard("");
    else status.wait("", text, since);
  };
}

function textOf(event: EngineEvent): string | undefined {
  if (event.type === "output") return `${event.program}: ${event.line}`;
  const said = engineText(event);
  if (said === undefined) return undefined;
  const part = "part" in said && said.part !== undefined ? `${said.part}: ` : "";
  return `${part}${said.message}`.replace(/\.$/, "");
}
