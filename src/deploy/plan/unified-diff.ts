/** Lines around a change. */
const CONTEXT = 3;
/** Maximum number of different lines for the minimal diff, which takes quadratic time. */
const FAR = 1000;
const NO_NEWLINE = "\\ No newline at end of file";

interface Edit {
  sign: " " | "-" | "+";
  line: string;
}

/** The hunks between two strings, as in `diff -u`; empty if they are equal. */
export function unifiedDiff(before: string, now: string): string {
  const edits = editsOf(linesOf(before), linesOf(now));
  const hunks: string[] = [];
  // The position of each line in both strings.
  let [a, b] = [0, 0];
  const places = edits.map(({ sign }) => {
    const place = { a, b };
    if (sign !== "+") a++;
    if (sign !== "-") b++;
    return place;
  });
  for (let at = 0; at < edits.length; ) {
    if (edits[at]!.sign === " ") {
      at++;
      continue;
    }
    const start = Math.max(0, at - CONTEXT);
    let last = at;
    for (let next = at; next < edits.length && next - last <= 2 * CONTEXT + 1; next++) {
      if (edits[next]!.sign !== " ") last = next;
    }
    const end = Math.min(edits.length, last + CONTEXT + 1);
    hunks.push(hunk(edits.slice(start, end), places[start]!));
    at = end;
  }
  return hunks.join("\n");
}

/** The lines that differ between two values; values of options have no final line break. */
export function changedLines(before: string, now: string): string[] {
  const lines = (value: string) => (value === "" ? [] : linesOf(`${value}\n`));
  const edits = editsOf(lines(before), lines(now)).filter(({ sign }) => sign !== " ");
  return edits.map(({ sign, line }) => `${sign}${line.slice(0, -1)}`);
}

function hunk(edits: readonly Edit[], { a, b }: { a: number; b: number }): string {
  const signed = (sign: "-" | "+") => edits.filter((one) => one.sign === sign).length;
  const same = edits.length - signed("-") - signed("+");
  const range = (from: number, size: number) => {
    const first = size === 0 ? from : from + 1;
    return size === 1 ? `${first}` : `${first},${size}`;
  };
  const head = `@@ -${range(a, same + signed("-"))} +${range(b, same + signed("+"))} @@`;
  const lines = edits.map(({ sign, line }) =>
    line.endsWith("\n") ? `${sign}${line.slice(0, -1)}` : `${sign}${line}\n${NO_NEWLINE}`,
  );
  return [head, ...lines].join("\n");
}

/** With line breaks, so that a last line without one differs. */
function linesOf(text: string): string[] {
  return text.match(/[^\n]*\n|[^\n]+$/g) ?? [];
}

function editsOf(before: readonly string[], now: readonly string[]): Edit[] {
  let start = 0;
  while (start < before.length && start < now.length && before[start] === now[start]) start++;
  let end = 0;
  const most = Math.min(before.length, now.length) - start;
  while (end < most && before.at(-1 - end) === now.at(-1 - end)) end++;
  const same = (lines: readonly string[]) => lines.map((line): Edit => ({ sign: " ", line }));
  return [
    ...same(before.slice(0, start)),
    ...shortest(before.slice(start, before.length - end), now.slice(start, now.length - end)),
    ...same(before.slice(before.length - end)),
  ];
}

/** Myers' greedy algorithm: the furthest point on each diagonal for each number of edits. */
function shortest(before: readonly string[], now: readonly string[]): Edit[] {
  const most = Math.min(before.length + now.length, FAR);
  const furthest = new Map([[1, 0]]);
  const history: Map<number, number>[] = [];
  for (let count = 0; count <= most; count++) {
    history.push(new Map(furthest));
    for (let diagonal = -count; diagonal <= count; diagonal += 2) {
      let x = comesFromAbove(furthest, diagonal, count)
        ? furthest.get(diagonal + 1)!
        : furthest.get(diagonal - 1)! + 1;
      while (x < before.length && x - diagonal < now.length && before[x] === now[x - diagonal]) x++;
      furthest.set(diagonal, x);
      if (x >= before.length && x - diagonal >= now.length) return wayBack(history, before, now);
    }
  }
  const marked = (sign: "-" | "+", lines: readonly string[]) =>
    lines.map((line): Edit => ({ sign, line }));
  return [...marked("-", before), ...marked("+", now)];
}

/** Whether the last edit on the way to a diagonal adds a line. */
function comesFromAbove(
  furthest: ReadonlyMap<number, number>,
  diagonal: number,
  count: number,
): boolean {
  if (diagonal === -count) return true;
  return diagonal !== count && furthest.get(diagonal - 1)! < furthest.get(diagonal + 1)!;
}

function wayBack(
  history: readonly ReadonlyMap<number, number>[],
  before: readonly string[],
  now: readonly string[],
): Edit[] {
  const edits: Edit[] = [];
  let [x, y] = [before.length, now.length];
  for (let count = history.length - 1; count >= 0; count--) {
    const furthest = history[count]!;
    const diagonal = x - y;
    const from = comesFromAbove(furthest, diagonal, count) ? diagonal + 1 : diagonal - 1;
    const [startX, startY] = [furthest.get(from)!, furthest.get(from)! - from];
    while (x > startX && y > startY && x > 0 && y > 0) {
      edits.push({ sign: " ", line: before[--x]! });
      y--;
    }
    if (count === 0) break;
    if (x === startX) edits.push({ sign: "+", line: now[--y]! });
    else edits.push({ sign: "-", line: before[--x]! });
  }
  return edits.reverse();
}
