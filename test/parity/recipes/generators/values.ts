/** Values that options of every recipe may have. */
import fc from "fast-check";

/** Every spelling that some recipe accepts for yes or no, and some that none does. */
export const boolean = fc.constantFrom(
  ...["true", "false", "yes", "no", "on", "off", "1", "0", "y", "n", "t"],
  ...["True", "FALSE", "Yes", "ON", "maybe", "", "2", " true", "true false"],
);

export const mode = fc.constantFrom(
  "0600",
  "644",
  "755",
  "0o640",
  "4755",
  "7",
  "",
  "u+x",
  "0888",
  " 0700",
  "2770",
);

/** A directory or file below the buildout, in every way to write one. */
export const relativePath = fc.constantFrom(
  ...["a", "a/b", "./a", "a/../c", "a//b", "a b", "a/", "${buildout:directory}/abs/x", "parts/own"],
);

export const word = fc.constantFrom(
  "x",
  "value",
  "a b",
  "é",
  "$x",
  "%(here)s",
  "a=b",
  "#c",
  "'q'",
  '"d"',
  "a;b",
);

/** Mostly not there. */
export function rarely<T>(value: fc.Arbitrary<T>, weight = 5): fc.Arbitrary<T | undefined> {
  return fc
    .option(value, { nil: undefined, freq: 1 })
    .chain((first) =>
      first === undefined
        ? fc.constant(undefined)
        : fc.nat(weight).map((n) => (n === 0 ? first : undefined)),
    );
}

/** An option that the recipe does not know. */
export const unknown = rarely(fc.constantFrom("1", ""), 4);
