import type { OptionDefinition } from "../../src/cli/options/grammar.ts";

/** Every two options of a table, each with a value if it takes one. */
export function pairsOfOptions(table: readonly OptionDefinition[]): [string[], string[]][] {
  const words = table.map(({ letter, long, value }) => {
    if (value === undefined) return [long === undefined ? `-${letter}` : `--${long}`];
    return long === undefined ? [`-${letter}`, "7"] : [`--${long}=7`];
  });
  return words.flatMap((one, index) =>
    words.slice(index).map((other): [string[], string[]] => [one, other]),
  );
}
