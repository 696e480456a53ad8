/** Edits (insert, delete, replace, swap of neighbors) between two words; anything above `limit` is infinite. */
function distance(a: string, b: string, limit: number): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, i) => i);
  let lastLeast = 0;
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    let least = i;
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1];
      let cost = Math.min(last[j]! + 1, row[j - 1]! + 1, last[j - 1]! + (same ? 0 : 1));
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) {
        cost = Math.min(cost, beforeLast[j - 2]! + 1);
      }
      row.push(cost);
      if (cost < least) least = cost;
    }
    // A swap adds one to the row before the last.
    if (least > limit && lastLeast >= limit) return Number.POSITIVE_INFINITY;
    lastLeast = least;
    beforeLast = last;
    last = row;
  }
  return last[b.length]!;
}

/** The candidate that a misspelled `name` most likely means, if any is within `most` edits. */
export function nearest(name: string, candidates: Iterable<string>, most = 3): string | undefined {
  let best: string | undefined;
  let bestCost = Number.POSITIVE_INFINITY;
  const wanted = name.toLowerCase();
  for (const candidate of candidates) {
    if (candidate === name) continue;
    const limit = Math.min(most, Math.floor(Math.min(name.length, candidate.length) / 2));
    if (Math.abs(candidate.length - name.length) > limit) continue;
    const cost = distance(wanted, candidate.toLowerCase(), limit);
    if (cost <= limit && cost < bestCost) {
      best = candidate;
      bestCost = cost;
    }
  }
  return best;
}

/** `Did you mean 'x'?`, or undefined if nothing is near. */
export function didYouMean(name: string, candidates: Iterable<string>): string | undefined {
  const best = nearest(name, candidates);
  return best === undefined ? undefined : `Did you mean '${best}'?`;
}

/** Stops after `comparisons` comparisons: a hint is not worth minutes. */
export class Guesser {
  private left: number;

  constructor(comparisons = 300_000) {
    this.left = comparisons;
  }

  nearest(name: string, candidates: readonly string[]): string | undefined {
    if (candidates.length > this.left) return undefined;
    this.left -= candidates.length;
    return nearest(name, candidates);
  }

  didYouMean(name: string, candidates: readonly string[]): string | undefined {
    const best = this.nearest(name, candidates);
    return best === undefined ? undefined : `Did you mean '${best}'?`;
  }
}
