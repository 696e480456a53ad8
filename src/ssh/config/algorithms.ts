import { matchesPattern } from "./pattern.ts";

/**
 * The algorithms that a list of ssh_config asks for: `+` adds to the defaults, `-` removes, `^` puts in
 * front; patterns mean all of `supported` that match. Names that are not supported are left out.
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
