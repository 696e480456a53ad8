/** Whether `text` matches a pattern with `*` and `?` (ssh_config(5), PATTERNS). */
export function matchesPattern(pattern: string, text: string): boolean {
  // Two positions and one backtrack point instead of a regular expression: no pattern is slow.
  let [p, t] = [0, 0];
  let star = -1;
  let resume = 0;
  while (t < text.length) {
    if (pattern[p] === "*") {
      star = p++;
      resume = t;
    } else if (p < pattern.length && (pattern[p] === "?" || pattern[p] === text[t])) {
      p++;
      t++;
    } else if (star >= 0) {
      p = star + 1;
      t = ++resume;
    } else return false;
  }
  while (pattern[p] === "*") p++;
  return p === pattern.length;
}

/** Whether `text` matches a comma list of patterns; a `!pattern` that matches excludes it. */
export function matchesPatternList(list: string, text: string): boolean {
  let matches = false;
  for (const entry of list.split(",")) {
    const negated = entry.startsWith("!");
    if (!matchesPattern(negated ? entry.slice(1) : entry, text)) continue;
    if (negated) return false;
    matches = true;
  }
  return matches;
}

/** As `matchesPatternList`, for host names: ignoring case. */
export function matchesHostList(list: string, host: string): boolean {
  return matchesPatternList(list.toLowerCase(), host.toLowerCase());
}
