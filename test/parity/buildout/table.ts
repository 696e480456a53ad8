/**
 * `differences.json`: each known difference with its reason and a short form of it, so that another difference
 * in the same place is not mistaken for it; and the numbers that a run must reach. `life-cycles.json`: the
 * results of this engine when both were compared, for runs without the original.
 */
import { createHash } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";

interface Known {
  /** The document and line, or the subject and step. */
  readonly where: string;
  /** The short form of the difference: `shortForm`. */
  readonly shows: string;
  readonly reason: string;
}

interface Figures {
  readonly of: number;
  readonly alike: number;
}

export interface Found {
  readonly where: string;
  readonly alike: boolean;
  /** The difference, without what another run would change. */
  readonly shows: string;
  /** The difference as shown to a person. */
  readonly text: string;
  /** Why it differs, if it is of a kind that any drawn configuration may show. */
  readonly reason?: string;
}

/** The beginning of the reason if the original itself could not finish here. */
const APART = "Not comparable: ";

/**
 * The beginning of the reason if an example is about zc.buildout itself: how it upgrades and starts itself,
 * its help, its debugger, and its own search at `-v`. All other differences are intended.
 */
const OWN = "The original's own: ";

interface Table {
  readonly figures: Record<string, Figures>;
  readonly differences: readonly Known[];
}

const file = new URL("differences.json", import.meta.url);
const outcomes = new URL("life-cycles.json", import.meta.url);

export function readTable(): Table {
  return JSON.parse(readFileSync(file, "utf8"));
}

export function readOutcomes(): Record<string, readonly (readonly string[])[]> {
  return JSON.parse(readFileSync(outcomes, "utf8"));
}

export function writeOutcomes(left: Record<string, readonly (readonly string[])[]>): void {
  writeFileSync(outcomes, `${JSON.stringify(left, null, 2)}\n`);
}

export function shortForm(text: string): string {
  return createHash("sha256").update(text).digest("hex").slice(0, 12);
}

function comparable(found: readonly Found[], { differences }: Table): Found[] {
  const apart = new Set(
    differences.filter(({ reason }) => reason.startsWith(APART)).map(({ where }) => where),
  );
  return found.filter(({ where, alike }) => alike || !apart.has(where));
}

/** The problems of a comparison, line by line; empty if everything matches the table. */
export function judge(
  what: string,
  found: readonly Found[],
  table: Table,
  whole: boolean,
): string[] {
  const known = new Map(table.differences.map((one) => [one.where, one]));
  const compared = comparable(found, table);
  const alike = compared.filter((one) => one.alike);
  const unknown = compared.filter(
    ({ where, alike, shows, reason }) =>
      !alike && reason === undefined && known.get(where)?.shows !== shows,
  );
  const own = compared.filter(
    ({ where, alike, shows }) =>
      !alike && known.get(where)?.shows === shows && known.get(where)?.reason.startsWith(OWN),
  );
  const meant = compared.length - alike.length - unknown.length - own.length;
  const share = (100 * alike.length) / (compared.length - own.length);
  console.log(
    `${what}: ${alike.length} of ${compared.length} alike, ${own.length} differ in what is the original's own, ${meant} on purpose, ${unknown.length} otherwise; ${found.length - compared.length} not comparable. Without the original's own ${share.toFixed(1)} % are alike.`,
  );
  const wrong = unknown.map(({ where, text }) => {
    const how = known.has(where) ? "in another way than the table says" : "and is not in the table";
    return `${where} differs ${how}:\n${text}`;
  });
  for (const { where } of alike) {
    if (known.has(where)) wrong.push(`${where} is alike by now: take it out of the table.`);
  }
  if (compared.length === 0) wrong.push(`${what}: nothing was compared.`);
  const figures = table.figures[what];
  if (whole && figures !== undefined) {
    const { of, alike: least } = figures;
    if (compared.length < of) wrong.push(`${what}: ${of} were compared.`);
    if (alike.length < least) wrong.push(`${what}: ${least} were alike.`);
  }
  return wrong;
}

/** Writes the results into the table. A new difference gets no reason, which fails. */
export function record(what: string, found: readonly Found[], table: Table): Table {
  const seen = new Set(found.map(({ where }) => where));
  const reasons = new Map(table.differences.map(({ where, reason }) => [where, reason]));
  const differences = [
    ...table.differences.filter(({ where }) => !seen.has(where)),
    ...found
      .filter((one) => !one.alike && one.reason === undefined)
      .map(({ where, shows }) => ({ where, shows, reason: reasons.get(where) ?? "" })),
  ];
  const compared = comparable(found, { ...table, differences });
  const alike = compared.filter((one) => one.alike).length;
  const figures = { ...table.figures, [what]: { of: compared.length, alike } };
  const recorded = { figures, differences };
  writeFileSync(file, `${JSON.stringify(recorded, null, 2)}\n`);
  return recorded;
}
