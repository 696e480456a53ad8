import { type History, parseHistory } from "./history.ts";

/** Something in the buildout directory that changed since the last release. */
export interface Drift {
  what: "changed" | "missing" | "mode" | "kind";
  path: string;
}

/** The releases of a host. */
export interface HostReleases {
  history: History;
  /** Releases whose files still exist, by number. */
  kept: Map<number, string>;
  drift: Drift[];
}

const WORDS: readonly string[] = ["changed", "missing", "mode", "kind"] satisfies Drift["what"][];

/** Reads the output of `inspect` in programs/inspect-function.sh. */
export function parseReleases(lines: readonly string[]): HostReleases {
  const log: string[] = [];
  const kept = new Map<number, string>();
  const drift: Drift[] = [];
  let rubbish = 0;
  for (const line of lines) {
    const [, word = "", rest = ""] = /^([a-z]+)=(.*)$/.exec(line) ?? [];
    if (word === "log") log.push(rest);
    else if (word === "rubbish") rubbish = /^\d{1,15}$/.test(rest) ? Number(rest) : 0;
    else if (word === "release") {
      const [, number, id] = /^([1-9]\d{0,8}) ([0-9a-f]{12})$/.exec(rest) ?? [];
      if (number !== undefined) kept.set(Number(number), id!);
    } else if (word === "drift") {
      const [, what = "", path = ""] = /^(\S+) (.+)$/.exec(rest) ?? [];
      // Safe for a terminal.
      if (WORDS.includes(what) && !/\p{Cc}/u.test(path))
        drift.push({ what: what as Drift["what"], path });
    }
  }
  const history = withKept(parseHistory(log), kept);
  return { history: { ...history, rubbish: history.rubbish + rubbish }, kept, drift };
}

/** Adds the releases that are on the host but missing from the log; their results are unknown. */
function withKept(history: History, kept: ReadonlyMap<number, string>): History {
  const logged = new Set(history.attempts.map(({ number }) => number));
  const lost = [...kept].filter(([number]) => !logged.has(number));
  const attempts = [...history.attempts, ...lost.map(([number, id]) => ({ number, id }))];
  return { ...history, attempts: attempts.sort((a, b) => a.number - b.number) };
}
