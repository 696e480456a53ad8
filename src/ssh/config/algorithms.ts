import { matchesPattern } from "./pattern.ts";

/**
 * The algorithms selected by a list in ssh_config: `+` adds to the defaults, `-` removes, `^` puts in
 * front; patterns select all matches in `supported`. Unsupported names are ignored.
 */
export function algorithmList(
  spec: string | undefined,
  defaults: readonly string[],
  supported: readonly string[],
): string[] {
  if (spec === undefined) return [...defaults];
  const sign = /^[+^-]/.exec(spec)?.[0] ?? "";
  const patterns = spec.slice(sign.length).split(",");
  if (sign === "-") {
    return defaults.filter((name) => !patterns.some((pattern) => matchesPattern(pattern, name)));
  }
  const named = patterns.flatMap((pattern) =>
    supported.filter((name) => matchesPattern(pattern, name)),
  );
  const all =
    sign === "+" ? [...defaults, ...named] : sign === "^" ? [...named, ...defaults] : named;
  return [...new Set(all)];
}
