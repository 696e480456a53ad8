import type { HostOutcome } from "../events/deployment.ts";

/** The outcome for one of several hosts. */
export interface HostSummary {
  host: string;
  outcome: HostOutcome;
  seconds?: number | undefined;
  /** The host's current release, if known. */
  release?: string | undefined;
  error?: string | undefined;
}

export const OUTCOME_WORDS: Record<HostOutcome, string> = {
  done: "done",
  failed: "failed",
  "rolled-back": "rolled back",
  "not-reached": "not reached",
  interrupted: "interrupted",
};

/** Maximum number of successful hosts to list. */
const LISTED = 50;

/** A line for each host, and a total. Many successful hosts are only counted. */
export function summaryText(hosts: readonly HostSummary[]): string[] {
  const done = hosts.filter(({ outcome }) => outcome === "done");
  const isShort = done.length > LISTED;
  const rows = hosts
    .filter(({ outcome }) => !isShort || outcome !== "done")
    .map(({ host, outcome, release = "", seconds, error }) => [
      host,
      OUTCOME_WORDS[outcome],
      release,
      seconds === undefined ? "" : `${seconds} s`,
      firstLine(error),
    ]);
  const columns = [0, 1, 2, 3].map((index) =>
    Math.max(0, ...rows.map((row) => row[index]!.length)),
  );
  const lines = rows.map((row) =>
    row
      .map((cell, index) => {
        const width = columns[index] ?? 0;
        return index === 3 ? cell.padStart(width) : cell.padEnd(width);
      })
      .filter((_, index) => columns[index] !== 0)
      .join("  ")
      .trimEnd(),
  );
  return [...lines, ...(isShort || done.length < hosts.length ? [outcomeCounts(hosts)] : [])];
}

/** The number of successful hosts, and the outcomes of the others. */
export function outcomeCounts(hosts: readonly HostSummary[]): string {
  const number = (outcome: HostOutcome) => hosts.filter((one) => one.outcome === outcome).length;
  const done = number("done");
  if (done === hosts.length) return `${done} ${done === 1 ? "host is" : "hosts are"} done.`;
  const others = (["failed", "rolled-back", "interrupted", "not-reached"] as const)
    .map((outcome) => [OUTCOME_WORDS[outcome], number(outcome)] as const)
    .filter(([, count]) => count > 0)
    .map(([word, count]) => `${count} ${word}`);
  return `${done} of ${hosts.length} hosts done, ${others.join(", ")}.`;
}

/** Without control characters. */
export function firstLine(text = ""): string {
  return text
    .trim()
    .replace(/[\r\n][\s\S]*$/, "")
    .replace(/\p{Cc}/gu, " ");
}
