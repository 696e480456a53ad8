import fc from "fast-check";
import { expect, test } from "vitest";
import { changedLines, unifiedDiff } from "../../../src/deploy/plan/unified-diff.ts";

/** Applies the hunks to a text, as patch(1) does. */
function patched(before: string, diff: string): string {
  const lines = before.match(/[^\n]*\n|[^\n]+$/g) ?? [];
  const result: string[] = [];
  let at = 0;
  for (const line of diff === "" ? [] : diff.split("\n")) {
    const head = /^@@ -(\d+)(?:,(\d+))? /.exec(line);
    if (head !== null) {
      const first = Number(head[1]) - (head[2] === "0" ? 0 : 1);
      while (at < first) result.push(lines[at++]!);
    } else if (line.startsWith("\\")) {
      result.push(result.pop()!.replace(/\n$/, ""));
    } else if (line.startsWith("+")) result.push(`${line.slice(1)}\n`);
    else {
      expect(lines[at]!.replace(/\n$/, "")).toBe(line.slice(1));
      if (line.startsWith(" ")) result.push(lines[at]!);
      at++;
    }
  }
  return [...result, ...lines.slice(at)].join("");
}

test("of a value only the lines that differ are shown", () => {
  expect(changedLines("inline:\none\nsame", "inline:\ntwo\nsame")).toEqual(["-one", "+two"]);
  expect(changedLines("same", "same\nmore")).toEqual(["+more"]);
  expect(changedLines("", "new")).toEqual(["+new"]);
  expect(changedLines("a\n\nb", "")).toEqual(["-a", "-", "-b"]);
});

test("lines around a change are shown, and those far from it are not", () => {
  const lines = (nine: string) => ["1", "2", "3", "4", "5", "6", "7", "8", nine, ""].join("\n");
  expect(unifiedDiff(lines("nine"), lines("9"))).toBe("@@ -6,4 +6,4 @@\n 6\n 7\n 8\n-nine\n+9");
});

test("changes with six lines between them are one hunk, as diff(1) has it", () => {
  const lines = (first: string, last: string) => [first, ..."234567", last, ""].join("\n");
  expect(unifiedDiff(lines("1", "8"), lines("one", "eight"))).toMatch(/^@@ -1,8 \+1,8 @@\n/);
  expect(unifiedDiff(lines("1", "7\n8"), lines("one", "7\neight"))).toMatch(/\n@@ -6,4 \+6,4 @@\n/);
});

test("a last line without an end is marked", () => {
  expect(unifiedDiff("a", "a\n")).toBe("@@ -1 +1 @@\n-a\n\\ No newline at end of file\n+a");
  expect(unifiedDiff("", "a\n")).toBe("@@ -0,0 +1 @@\n+a");
});

test("the hunks make of one text the other", () => {
  const text = fc
    .tuple(fc.array(fc.constantFrom("a", "b", "c", ""), { maxLength: 30 }), fc.boolean())
    .map(([lines, ends]) => lines.join("\n") + (ends && lines.length > 0 ? "\n" : ""));
  fc.assert(
    fc.property(text, text, (before, now) => {
      const diff = unifiedDiff(before, now);
      expect(diff === "").toBe(before === now);
      // A marker after a removed line means nothing for the result.
      expect(
        patched(before, diff.replace(/(^|\n)(-.*)\n\\ No newline at end of file/g, "$1$2")),
      ).toBe(now);
    }),
  );
});
