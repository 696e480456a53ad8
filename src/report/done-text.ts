import type { HostoutEvent } from "../events/deployment.ts";
import { bytesText } from "../system/bytes.ts";

type Deployed = HostoutEvent & { type: "deployed" };

/** The results of a call. */
export interface Outcome {
  /** By host. */
  deployed: Map<string, Deployed>;
  warnings: (HostoutEvent & { type: "warning" })[];
}

/** Maximum number of warnings to repeat in the last line. */
const LISTED = 20;
/** Length of a displayed id. */
const SHORT = 7;

/** The last lines of a call on one host: its release and warnings. */
export function doneText({ deployed, warnings }: Outcome, ok: boolean): string[] {
  const reached = [...deployed.values()].map(reachedText);
  if (!ok) return reached;
  if (warnings.length === 0) {
    return reached.length === 1 ? [`Done: ${reached[0]}`] : [...reached, "Done."];
  }
  return [...reached, warnedText(warnings)];
}

/** The same for several hosts, after their summary. */
export function allDoneText({ warnings }: Outcome): string {
  return warnings.length === 0 ? "Done." : warnedText(warnings);
}

function warnedText(warnings: Outcome["warnings"]): string {
  const hosts = new Set(warnings.map(({ host }) => host));
  const texts = warnings.slice(0, LISTED).map(({ host, text }) => {
    const one = text.replace(/[.;]$/, "");
    return hosts.size === 1 ? one : `${host}: ${one}`;
  });
  if (warnings.length > LISTED) texts.push("...");
  const count = warnings.length === 1 ? "1 warning" : `${warnings.length} warnings`;
  return `Done, with ${count}: ${texts.join("; ")}.`;
}

/** The line for one host in a summary. */
export function releaseText({ number, id }: Deployed): string {
  return `release ${number} (${id.slice(0, SHORT)})`;
}

function reachedText(deployed: Deployed): string {
  const { host, seconds, bytes } = deployed;
  const sent = bytes === 0 ? "" : `, ${bytesText(bytes)}`;
  return `${host} is at ${releaseText(deployed)}, ${seconds} s${sent}.`;
}
