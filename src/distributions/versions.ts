import type { Distribution } from "./distribution.ts";

/** Orders by the numbers; a pre-release (`1.0.0-beta`) comes before its release. */
function compare(a: string, b: string): number {
  const [aNumbers = "", aBefore] = a.split(/-(.*)/s);
  const [bNumbers = "", bBefore] = b.split(/-(.*)/s);
  const text = new Intl.Collator("en", { numeric: true });
  return (
    text.compare(aNumbers, bNumbers) ||
    Number(aBefore === undefined) - Number(bBefore === undefined) ||
    text.compare(aBefore ?? "", bBefore ?? "")
  );
}

/**
 * The `[versions]` section that pins these distributions: option name -> version, sorted by name. If a name
 * has several versions, `name` has the highest and each other version V gets an option `name@V`.
 */
export function versionsOf(distributions: Iterable<Distribution>): Map<string, string> {
  const found = new Map<string, Set<string>>();
  for (const { name, version } of distributions) {
    found.set(name, (found.get(name) ?? new Set()).add(version));
  }
  const options: [string, string][] = [];
  for (const [name, versions] of found) {
    const [highest, ...others] = [...versions].sort(compare).reverse();
    options.push([name, highest!]);
    for (const version of others) options.push([`${name}@${version}`, version]);
  }
  return new Map(options.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)));
}
