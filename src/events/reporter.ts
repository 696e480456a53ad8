import type { HostoutEvent } from "./deployment.ts";
import type { EngineEvent } from "./engine.ts";

export type AnyEvent = EngineEvent | HostoutEvent;

/** Takes the events of a run, in order; `report/` has those that turn them into text and JSON. */
export type Reporter<E extends AnyEvent> = (event: E) => void;
