import { expect, test } from "vitest";
import { outputLines } from "../../../src/deploy/host/output-lines.ts";

function linesOf(chunks: Iterable<string>): string[] {
  const lines: string[] = [];
  const { push, end } = outputLines((line) => lines.push(line));
  for (const chunk of chunks) push(chunk);
  end();
  return lines;
}

test.each([
  [["a\nb\n"], ["a", "b"]],
  [
    ["a", "b", "\n", "c"],
    ["ab", "c"],
  ],
  [
    ["\n\n", "x\r\n", "\ry\n"],
    ["", "", "x", "\ry"],
  ],
  [["x\r", "\n"], ["x"]],
  [["a\0b\n"], ["a\0b"]],
  [[""], []],
])("%j comes as %j", (chunks, lines) => {
  expect(linesOf(chunks)).toEqual(lines);
});

test("a line without an end is split into pieces, without losing or adding anything", () => {
  const chunk = "0123456789abcdef".repeat(2 ** 12);
  const chunks = [...Array<string>(64).fill(chunk), "\n", "next\n"];
  const lines = linesOf(chunks);
  expect(lines.at(-1)).toBe("next");
  expect(lines.slice(0, -1).join("")).toBe(chunk.repeat(64));
  expect(Math.max(...lines.map((line) => line.length))).toBeLessThan(2 ** 21);
});

test("a line four times as long takes about four times the time", () => {
  const time = (count: number) => {
    const chunks = Array<string>(count).fill("x".repeat(4096));
    const start = performance.now();
    linesOf(chunks);
    return performance.now() - start;
  };
  time(1000);
  expect(Math.min(time(40_000), time(40_000)) / time(10_000)).toBeLessThan(12);
});
