import type { HostResult } from "../deploy/run/companions.ts";
import type { HostoutEvent } from "../events/deployment.ts";

/** The last event of a call. */
export function doneEvent(results: readonly HostResult[]): Extract<HostoutEvent, { type: "done" }> {
  const named = (is: (outcome: HostResult["outcome"]) => boolean) =>
    results.filter(({ outcome }) => is(outcome)).map(({ host }) => host);
  return {
    type: "done",
    ok: results.every(({ outcome }) => outcome === "done"),
    failed: named((outcome) => outcome !== "done" && outcome !== "not-reached"),
    notReached: named((outcome) => outcome === "not-reached"),
  };
}
