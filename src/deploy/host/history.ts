/** One release of a host: all lines of `.hostout/releases.jsonl` with its number combined. */
export interface Attempt {
  number: number;
  id: string;
  /** By the host's clock, ISO 8601. */
  start?: string;
  seconds?: number;
  /** `ann@ci-7` */
  who?: string;
  /** From the project's version control, if any. */
  commit?: string;
  /** Files of the project have changed since the commit. */
  dirty?: boolean;
  /** Missing if the deployment was interrupted or is in progress. */
  result?: "ok" | "failed" | "bad";
  /** Why it is bad. */
  reason?: string;
  /** Version of the tool that deployed it. */
  tool?: string;
  /** A hash of all pinned versions. */
  pins?: string;
  /** The output of `data-version` when it was deployed. */
  data?: string;
  /** Options of [secrets] that its build needs. */
  secrets?: string[];
  /** Its parts built by root. */
  sudoParts?: string[];
}

/** Any other action on the releases or the lock of a host. */
export interface LoggedEvent {
  event: "rollback" | "cleanup" | "hold" | "free";
  start?: string;
  who?: string;
  reason?: string;
  /** The releases before and after a rollback. */
  from?: number;
  to?: number;
  /** Releases that a cleanup removed. */
  removed?: number[];
  /** The lock was taken from a deployment. */
  force?: boolean;
}

/** All attempts, oldest first, and the number of foreign lines. */
export interface History {
  attempts: Attempt[];
  events: LoggedEvent[];
  rubbish: number;
}

/**
 * Reads the lines of the log. It is on a host, where others may have written to it: foreign lines are
 * counted and otherwise ignored.
 */
export function parseHistory(lines: readonly string[]): History {
  const attempts = new Map<number, Attempt>();
  const events: LoggedEvent[] = [];
  let rubbish = 0;
  for (const line of lines) {
    const value = parsed(line);
    const event = fieldsOf<LoggedEvent>(value, EVENT_FIELDS);
    const said = fieldsOf<Attempt>(value, FIELDS);
    const former = said.number === undefined ? undefined : attempts.get(said.number);
    if (said.number !== undefined && (said.id !== undefined || former !== undefined)) {
      const attempt = { ...former, ...said } as Attempt;
      // A release that is good again has no reason.
      if (attempt.reason === "") delete attempt.reason;
      attempts.set(said.number, attempt);
    } else if (event.event !== undefined) events.push(event as LoggedEvent);
    else if (line.trim() !== "") rubbish++;
  }
  const inOrder = [...attempts.values()].sort((a, b) => a.number - b.number);
  return { attempts: inOrder, events, rubbish };
}

/** The largest release number: with more digits, its directory would not be recognized. */
const LARGEST = 999_999_999;

type Checks<T> = { [Name in keyof T]-?: (value: unknown) => boolean };

const FIELDS: Checks<Attempt> = {
  number: isNumber,
  id: (value) => typeof value === "string" && /^[0-9a-f]{12}$/.test(value),
  start: isTime,
  seconds: (value) => Number.isSafeInteger(value),
  who: isText,
  commit: (value) => typeof value === "string" && /^[0-9a-f]{7,64}$/.test(value),
  dirty: (value) => typeof value === "boolean",
  result: (value) => value === "ok" || value === "failed" || value === "bad",
  reason: isText,
  tool: isText,
  pins: (value) => typeof value === "string" && /^[0-9a-f]{12,64}$/.test(value),
  data: isText,
  secrets: (value) => Array.isArray(value) && value.every(isText),
  sudoParts: (value) =>
    Array.isArray(value) && value.every((one) => isText(one) && !/^-|^$/.test(one)),
};

const EVENT_FIELDS: Checks<LoggedEvent> = {
  event: (value) => ["rollback", "cleanup", "hold", "free"].includes(value as string),
  start: isTime,
  who: isText,
  reason: isText,
  from: isNumber,
  to: isNumber,
  removed: (value) => Array.isArray(value) && value.every(isNumber),
  force: (value) => typeof value === "boolean",
};

function isNumber(value: unknown): boolean {
  return Number.isSafeInteger(value) && (value as number) > 0 && (value as number) <= LARGEST;
}

function isTime(value: unknown): boolean {
  return typeof value === "string" && /^[-\dT:]{19}Z$/.test(value);
}

/** Text that is safe for a terminal. */
function isText(value: unknown): boolean {
  return typeof value === "string" && value.length <= 1000 && !/\p{Cc}/u.test(value);
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

/** The valid fields of an object. */
function fieldsOf<T>(value: unknown, checks: Checks<T>): Partial<T> {
  if (typeof value !== "object" || value === null) return {};
  const known = Object.entries(value).filter(
    ([name, one]) => Object.hasOwn(checks, name) && checks[name as keyof T](one),
  );
  return Object.fromEntries(known) as Partial<T>;
}

/** The number of the next release: after all known ones, unless foreign lines in the log use numbers up. */
export function nextNumber(history: History, kept: readonly number[]): number {
  const logged = history.attempts.map(({ number }) => number);
  const next = Math.max(0, ...kept, ...logged) + 1;
  if (next <= LARGEST) return next;
  const used = new Set(logged);
  let free = Math.max(0, ...kept) + 1;
  while (used.has(free)) free++;
  return free;
}

/** Whether the log knows nothing of a release but its existence. */
export function isLost({ start, who, result }: Attempt): boolean {
  return start === undefined && who === undefined && result === undefined;
}

/**
 * Those of the `kept` releases to remove so that `keep` good ones are left. The current one and later ones
 * stay. A release missing from the log counts as good.
 */
export function removable(
  history: History,
  kept: readonly number[],
  current: number | undefined,
  keep: number,
): number[] {
  const good = new Set(
    history.attempts
      .filter((attempt) => attempt.result === "ok" || isLost(attempt))
      .map(({ number }) => number),
  );
  if (current !== undefined) good.add(current);
  const newest = kept.filter((number) => good.has(number)).sort((a, b) => b - a);
  const stay = new Set(newest.slice(0, keep));
  return kept.filter((number) => !stay.has(number) && number < (current ?? Number.MAX_VALUE));
}

/** The target of a rollback: the last good kept release before `current`. */
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
