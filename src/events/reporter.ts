import type { HostoutEvent } from "./deployment.ts";
import type { EngineEvent } from "./engine.ts";

export type AnyEvent = EngineEvent | HostoutEvent;

/** Receives the events of a run, in order; those in `report/` turn them into text and JSON. */
export type Reporter<E extends AnyEvent> = (event: E) => void;
