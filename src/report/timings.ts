import type { Timing } from "../system/timings.ts";

/** The phases of a call in order of start, as a table of milliseconds. */
export function timingsTable(timings: readonly Timing[], total: number): string {
  const sorted = [...timings].sort((one, other) => one.start - other.start);
  const rows = sorted
    .filter(isFirstOrLong())
    .map(({ phase, host, start, end }): [string, number, number] => [
      host === undefined ? phase : `${host}: ${phase}`,
      start,
      end - start,
    ]);
  rows.push(["all", 0, total]);
  const width = Math.max(...rows.map(([name]) => name.length));
  const number = (value: number) => value.toFixed(0).padStart(7);
  const lines = rows.map(
    ([name, start, took]) => `  ${name.padEnd(width)} ${number(start)} ${number(took)}`,
  );
  return `Where the time went, in milliseconds (start, duration)\n${lines.join("\n")}\n`;
}

/** Asking again for a known result takes no time. */
function isFirstOrLong(): (timing: Timing) => boolean {
  const seen = new Set<string>();
  return ({ phase, host, start, end }) => {
    const name = JSON.stringify([host, phase]);
    const isAgain = seen.has(name);
    seen.add(name);
    return !isAgain || end - start >= 1;
  };
}
