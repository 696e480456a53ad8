import { words } from "../../pythonic/text.ts";

/** A number of hosts, or a share of all of them. */
type Amount = { hosts: number } | { percent: number };

/** Batches of hosts: the text, and its meaning. */
export interface Rollout {
  text: string;
  sizes: readonly Amount[];
}

/** How many hosts may fail before no more batches start. */
export interface MaxFail {
  text: string;
  amount: Amount;
}

/** `1 25% 100%`: numbers are sizes of batches, percentages are cumulative. Returns the problem if it is invalid. */
export function readRollout(text: string): Rollout | string {
  const parts = words(text);
  const sizes = parts.map(amount);
  if (parts.length === 0) return "There are no batches.";
  let before = 0;
  for (const [index, size] of sizes.entries()) {
    const part = parts[index]!;
    if (size === undefined) return `'${part}' is neither a number of hosts nor a percentage.`;
    if ("hosts" in size) {
      if (size.hosts === 0) return "A batch needs at least one host.";
      continue;
    }
    if (size.percent > 100) return `'${part}' is more than 100%.`;
    if (size.percent <= before) {
      return `Percentages are cumulative: '${part}' adds no hosts to the previous batch.`;
    }
    before = size.percent;
  }
  if (before === 100 && !text.trim().endsWith("100%")) return "No hosts are left after '100%'.";
  return { text: parts.join(" "), sizes: sizes as Amount[] };
}

/** `0`, `3` or `10%`. Returns the problem if it is invalid. */
export function readMaxFail(text: string): MaxFail | string {
  const read = amount(text.trim());
  if (read === undefined) return `'${text.trim()}' is neither a number of hosts nor a percentage.`;
  if ("percent" in read && read.percent > 100) return `'${text.trim()}' is more than 100%.`;
  return { text: text.trim(), amount: read };
}

function amount(word: string): Amount | undefined {
  const [, digits, percent] = /^(\d{1,6})(%?)$/.exec(word) ?? [];
  if (digits === undefined) return undefined;
  return percent ? { percent: Number(digits) } : { hosts: Number(digits) };
}

/** Each batch has at least one host. A final number repeats; a final percentage is followed by the rest. */
export function batches<T>(hosts: readonly T[], { sizes }: Pick<Rollout, "sizes">): T[][] {
  const made: T[][] = [];
  for (let done = 0, index = 0; done < hosts.length; index++) {
    const last = sizes.at(-1)!;
    const size = sizes[index] ?? ("hosts" in last ? last : { percent: 100 });
    const end = "hosts" in size ? done + size.hosts : Math.ceil(share(size.percent, hosts.length));
    const batch = hosts.slice(done, Math.max(end, done + 1));
    made.push(batch);
    done += batch.length;
  }
  return made;
}

/** The maximum as a number of hosts, out of `count`. */
export function failuresAllowed({ amount: most }: MaxFail, hosts: number): number {
  return "hosts" in most ? most.hosts : Math.floor(share(most.percent, hosts));
}

function share(percent: number, of: number): number {
  return (percent * of) / 100;
}
