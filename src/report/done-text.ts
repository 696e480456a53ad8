import type { HostoutEvent } from "../events/deployment.ts";
import { bytesText } from "../system/bytes.ts";

type Deployed = HostoutEvent & { type: "deployed" };

/** What a call has brought about. */
export interface Outcome {
  /** By host. */
  deployed: Map<string, Deployed>;
  warnings: (HostoutEvent & { type: "warning" })[];
}

/** Characters of an id that people read. */
const SHORT = 7;

/** The last lines of a call: where it has brought its hosts, and what it has warned of. */
export function doneText({ deployed, warnings }: Outcome, ok: boolean): string[] {
  const reached = [...deployed.values()].map(reachedText);
  if (!ok) return reached;
  if (warnings.length === 0) {
    return reached.length === 1 ? [`Done: ${reached[0]}`] : [...reached, "Done."];
  }
  const hosts = new Set(warnings.map(({ host }) => host));
  const texts = warnings.map(({ host, text }) => {
    const one = text.replace(/[.;]$/, "");
    return hosts.size === 1 ? one : `${host}: ${one}`;
  });
  const count = warnings.length === 1 ? "1 warning" : `${warnings.length} warnings`;
  return [...reached, `Done, with ${count}: ${texts.join("; ")}.`];
}

function reachedText({ host, number, id, seconds, bytes }: Deployed): string {
  const sent = bytes === 0 ? "" : `, ${bytesText(bytes)}`;
  return `${host} is at release ${number} (${id.slice(0, SHORT)}), ${seconds} s${sent}.`;
}
