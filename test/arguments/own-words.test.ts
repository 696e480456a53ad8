import { describe, expect, test } from "vitest";
import { type OptionDefinition, type OptionUse, optionWords } from "../../src/arguments/grammar.ts";
import {
  fullUsage,
  type OwnWords,
  orderedWords,
  readOwnWords,
  splitOwnWords,
  splitUsage,
} from "../../src/arguments/own-words.ts";
import { OPTIONS } from "../../src/cli/hostout/hostout-options.ts";

const own: readonly OptionDefinition[] = [
  {
    name: "keep",
    long: "keep",
    value: {
      ...{ placeholder: "NUMBER", called: "number" },
      form: { pattern: /^[1-9]\d*$/, needs: "a number from 1" },
    },
  },
  { name: "message", letter: "m", value: { placeholder: "TEXT", called: "text" } },
  {
    name: "how",
    long: "how",
    value: { placeholder: "no|full", called: "way", choices: ["no", "full"] },
  },
  { name: "dry", long: "dry" },
];
const command: OwnWords = {
  ...{ name: "clean", arguments: "[now|later] [NUMBER]", own },
  forms: {
    "now|later": { pattern: /^(?:now|later)$/, needs: "'now' or 'later'" },
    NUMBER: { pattern: /^-?\d+$/, needs: "a number" },
  },
  together: ({ args, given }) =>
    given.has("dry") && args[0] === "now" ? "is not dry now." : undefined,
};

test("the usage of a command has its options", () => {
  expect(fullUsage(command)).toBe(
    "[now|later] [NUMBER] [--keep NUMBER] [-m TEXT] [--how no|full] [--dry]",
  );
  expect(fullUsage({ name: "x", arguments: "none", own: own.slice(3) })).toBe("[--dry]");
  expect(fullUsage({ name: "x", arguments: "none" })).toBe("none");
});

test.each([
  ["[--yes] [DIRECTORY...]", "[DIRECTORY...]", ["--yes"]],
  ["--yes", "--yes", []],
  ["[--from NAME] [--dry-run]", "none", ["--from", "--dry-run"]],
  ["FILE [TARGET]", "FILE [TARGET]", []],
])("the usage %j has options, and arguments", (usage, rest, options) => {
  const split = splitUsage(usage);
  expect([split.arguments, optionWords(split.own ?? [])]).toEqual([rest, options]);
});

test("words can be put in order", () => {
  const ordered = (words: string[]) => orderedWords(command, readOwnWords(command, words));
  expect(ordered(["now", "--keep", "3", "-m", "x"])).toEqual(["--keep=3", "-mx", "now"]);
  expect(ordered(["--keep=3", "now", "-3"])).toEqual(["--keep=3", "--", "now", "-3"]);
});

test.each<[string[], string[], [string, string | undefined][]]>([
  [[], [], []],
  [["now", "-3", "--keep=2"], ["now", "-3"], [["keep", "2"]]],
  [
    ["--keep", "3", "later", "--dry"],
    ["later"],
    [
      ["keep", "3"],
      ["dry", undefined],
    ],
  ],
  [["-m", "--dry"], [], [["message", "--dry"]]],
  [
    ["-mtext", "--how", "no", "--", "now"],
    ["now"],
    [
      ["message", "text"],
      ["how", "no"],
    ],
  ],
])("%j is understood", (words, args, given) => {
  const taken = readOwnWords(command, words);
  expect([taken.args, [...taken.given]]).toEqual([args, given]);
});

test.each([
  [["--kep", "3"], "'clean' has no option '--kep'.", "Did you mean '--keep'?"],
  [["--keep", "0"], "'--keep' needs a number from 1, not '0'.", ""],
  [["--keep"], "No number specified for option --keep", ""],
  [["--dry=1"], "Option --dry takes no value: --dry=1", ""],
  [["--how=ful"], "'--how' takes one of no, full: 'ful'.", "Did you mean 'full'?"],
  [["latr"], "'clean' needs 'now' or 'later', not 'latr'.", "Did you mean 'later'?"],
  [["now", "x"], "'clean' needs a number, not 'x'.", "Usage: bin/hostout HOST clean [now|later]"],
  [["now", "1", "2"], "'clean' takes 2 arguments: '2'.", "[--keep NUMBER]"],
  [["--", "--dry"], "'clean' needs 'now' or 'later', not '--dry'.", ""],
  [[""], "'clean' takes no empty argument.", "Usage: "],
  [["now", "--dry"], "'clean' is not dry now.", "Usage: "],
])("%j is wrong usage", (words, message, hint) => {
  const refusal = { code: "usage", message, hint: expect.stringContaining(hint) };
  expect(() => readOwnWords(command, words)).toThrow(expect.objectContaining(refusal));
});

describe("options of others among its words", () => {
  test.each<[string[], string[], string[]]>([
    [
      ["now", "-q", "--keep", "3", "--json"],
      ["now", "--keep", "3"],
      ["quiet", "json"],
    ],
    [["-m", "-q", "--lock-wait=3"], ["-m", "-q"], ["lockWait"]],
    [["--nobody", "--", "-q"], ["--nobody", "--", "-q"], []],
  ])("%j", (words, kept, taken) => {
    const uses: OptionUse[] = [];
    expect(splitOwnWords([...words], own, OPTIONS, (use) => uses.push(use))).toEqual(kept);
    expect(uses.map(({ option }) => option.name)).toEqual(taken);
  });
});
