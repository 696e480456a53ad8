/** One release of a host: what all lines of `.hostout/releases.jsonl` with its number say together. */
export interface Attempt {
  number: number;
  id: string;
  /** By the host's clock, ISO 8601. */
  start?: string;
  seconds?: number;
  /** `ann@ci-7` */
  who?: string;
  /** Of the project's version control, where it has one. */
  commit?: string;
  /** Files of the project were changed since the commit. */
  dirty?: boolean;
  /** Without it the deployment was cut off, or is under way. */
  result?: "ok" | "failed" | "bad";
  /** Why it is bad. */
  reason?: string;
  /** Version of the tool that deployed it. */
  tool?: string;
  /** A hash of all pinned versions. */
  pins?: string;
  /** Options of [secrets] whose values its build needs. */
  secrets?: string[];
}

/** All attempts, the first one in front, and how many lines could not be understood. */
export interface History {
  attempts: Attempt[];
  rubbish: number;
}

/**
 * Reads the lines of the log. It lies on a host, where anybody may have written into it: what is no
 * line of ours counts as rubbish and is left alone.
 */
export function parseHistory(lines: readonly string[]): History {
  const attempts = new Map<number, Attempt>();
  let rubbish = 0;
  for (const line of lines) {
    const said = parseLine(line);
    const former = said === undefined ? undefined : attempts.get(said.number);
    if (said?.id !== undefined || former !== undefined) {
      attempts.set(said!.number, { ...former, ...said } as Attempt);
    } else if (line.trim() !== "") rubbish++;
  }
  return { attempts: [...attempts.values()].sort((a, b) => a.number - b.number), rubbish };
}

const FIELDS: { [Name in keyof Attempt]-?: (value: unknown) => boolean } = {
  number: (value) => Number.isSafeInteger(value) && (value as number) > 0,
  id: (value) => typeof value === "string" && /^[0-9a-f]{12}$/.test(value),
  start: (value) => typeof value === "string" && /^[-\dT:]{19}Z$/.test(value),
  seconds: (value) => Number.isSafeInteger(value),
  who: isText,
  commit: (value) => typeof value === "string" && /^[0-9a-f]{7,64}$/.test(value),
  dirty: (value) => typeof value === "boolean",
  result: (value) => value === "ok" || value === "failed" || value === "bad",
  reason: isText,
  tool: isText,
  pins: (value) => typeof value === "string" && /^[0-9a-f]{12,64}$/.test(value),
  secrets: (value) => Array.isArray(value) && value.every(isText),
};

/** What a terminal shows as it is. */
function isText(value: unknown): boolean {
  return typeof value === "string" && value.length <= 1000 && !/\p{Cc}/u.test(value);
}

function parseLine(line: string): (Partial<Attempt> & { number: number }) | undefined {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return undefined;
  }
  if (typeof value !== "object" || value === null) return undefined;
  const known = Object.entries(value).filter(
    ([name, one]) => Object.hasOwn(FIELDS, name) && FIELDS[name as keyof Attempt](one),
  );
  const said = Object.fromEntries(known) as Partial<Attempt>;
  return said.number === undefined ? undefined : { ...said, number: said.number };
}

/** The number of the next release. */
export function nextNumber(history: History, kept: readonly number[]): number {
  return Math.max(0, ...kept, ...history.attempts.map(({ number }) => number)) + 1;
}

/**
 * Of the releases that are `kept`, those that can go so that `keep` good ones are left. The current one
 * and what came after it stay.
 */
export function removable(
  history: History,
  kept: readonly number[],
  current: number | undefined,
  keep: number,
): number[] {
  const good = new Set(
    history.attempts.filter(({ result }) => result === "ok").map(({ number }) => number),
  );
  if (current !== undefined) good.add(current);
  const newest = kept.filter((number) => good.has(number)).sort((a, b) => b - a);
  const stay = new Set(newest.slice(0, keep));
  return kept.filter((number) => !stay.has(number) && number < (current ?? Number.MAX_VALUE));
}

/** The release that a rollback goes to: the last good one that is kept and came before `current`. */
export function formerRelease(
  history: History,
  kept: readonly number[],
  current: number,
  steps = 1,
): Attempt | undefined {
  return history.attempts
    .filter(({ number, result }) => number < current && result === "ok" && kept.includes(number))
    .at(-steps);
}
