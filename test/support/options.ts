import type { OptionDefinition } from "../../src/arguments/grammar.ts";

/** Every pair of options in a table, each with a value if it takes one. */
export function pairsOfOptions(table: readonly OptionDefinition[]): [string[], string[]][] {
  const words = table.map(({ letter, long, value }) => {
    if (value === undefined) return [long === undefined ? `-${letter}` : `--${long}`];
    const [one = "7"] = value.choices ?? [];
    return long === undefined ? [`-${letter}`, one] : [`--${long}=${one}`];
  });
  return words.flatMap((one, index) =>
    words.slice(index).map((other): [string[], string[]] => [one, other]),
  );
}
