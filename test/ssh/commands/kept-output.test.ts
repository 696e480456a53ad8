import { expect, test } from "vitest";
import { KeptOutput } from "../../../src/ssh/commands/kept-output.ts";

const MILLION = 2 ** 20;

test("the end of output is its last million of characters, however it came", () => {
  for (const size of [17, 4093, 3 * MILLION]) {
    const kept = new KeptOutput("end");
    const text = Array.from({ length: 400_000 }, (_, index) => `${index}\n`).join("");
    for (let at = 0; at < text.length; at += size) kept.add(text.slice(at, at + size));
    expect(kept.text()).toBe(text.slice(-MILLION));
  }
});

test("less than that is all of it", () => {
  const kept = new KeptOutput("end");
  for (const chunk of ["a", "b\n"]) expect(kept.add(chunk)).toBe(true);
  expect(kept.text()).toBe("ab\n");
});

test("the total has a limit, which is reported", () => {
  const kept = new KeptOutput();
  const chunk = "x".repeat(MILLION);
  for (let count = 0; count < 256; count++) expect(kept.add(chunk)).toBe(true);
  expect(kept.add("y")).toBe(false);
});
