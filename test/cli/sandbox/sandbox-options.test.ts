import { expect, test } from "vitest";
import { readSandboxOptions } from "../../../src/cli/sandbox/sandbox-options.ts";
import { pairsOfOptions } from "../../support/options.ts";

const WITH_VALUES = ["root", "port", "user", "password", "key"];
const table = [...WITH_VALUES, "json", "help", "version"].map((long) => ({
  ...{ name: long, long },
  ...(WITH_VALUES.includes(long) && { value: { placeholder: "X", called: "x" } }),
}));

/** The options from the arguments, or the error. */
function outcome(words: readonly string[]): unknown {
  try {
    return readSandboxOptions(words);
  } catch (error) {
    return (error as Error).message;
  }
}

test.each(pairsOfOptions(table))("options mean the same in both orders: %j %j", (one, other) => {
  expect(outcome([...other, ...one])).toEqual(outcome([...one, ...other]));
});

test.each([
  [["--json", "--version"], "'--version' has no JSON output."],
  [["--help", "--json"], "'help' has no JSON output."],
  [["serve"], "'hostout-sandbox' takes no arguments: 'serve'."],
  [["--port", "x"], "'x' is not a port (0 to 65535)."],
])("%j is wrong usage", (words, message) => {
  expect(outcome(words)).toBe(message);
});
