import { execFileSync } from "node:child_process";
import fc from "fast-check";
import { expect, test } from "vitest";
import { quote, quoteAll } from "../../../src/ssh/commands/quote.ts";

/** The words of a line as split by a real sh, each ended by a NUL. */
function shellWords(line: string): string[] {
  const script = `for word in ${line}; do printf '%s\\0' "$word"; done`;
  return execFileSync("sh", ["-c", script], { encoding: "utf8" }).split("\0").slice(0, -1);
}

test("any word comes back unchanged from a real shell", () => {
  // Whole characters: half a surrogate pair has no UTF-8 form to pass to a process.
  const word = fc
    .oneof(fc.string({ unit: "binary-ascii" }), fc.string({ unit: "grapheme" }))
    .filter((text) => !text.includes("\0"));
  fc.assert(
    fc.property(fc.array(word, { minLength: 1, maxLength: 8 }), (words) => {
      expect(shellWords(quoteAll(words))).toEqual(words);
    }),
    { numRuns: 150 },
  );
});

test.each([
  ["plain/path-1.2_3", "plain/path-1.2_3"],
  ["", "''"],
  ["it's", `'it'\\''s'`],
  ["$(reboot); `x` \\ \n", "'$(reboot); `x` \\ \n'"],
  ["~root", "'~root'"],
])("%j is written as %s", (word, quoted) => {
  expect(quote(word)).toBe(quoted);
});

test("a NUL byte is refused", () => {
  expect(() => quote("a\0b")).toThrow(TypeError);
});
