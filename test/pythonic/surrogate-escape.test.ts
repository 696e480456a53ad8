import { spawnSync } from "node:child_process";
import { expect, test } from "vitest";
import {
  EscapingDecoder,
  isEscaped,
  originalBytes,
  validText,
} from "../../src/pythonic/surrogate-escape.ts";
import { numbers } from "../support/numbers.ts";

function decode(bytes: Buffer, ...cuts: number[]): string {
  const decoder = new EscapingDecoder();
  const ends = [...cuts, bytes.length].sort((a, b) => a - b);
  const pieces = ends.map((end, at) => decoder.write(bytes.subarray(ends[at - 1] ?? 0, end)));
  return [...pieces, decoder.end()].join("");
}

/** Bytes near all limits of valid UTF-8. */
const EDGES = [
  ...[0x00, 0x41, 0x7f, 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf, 0xc0, 0xc1, 0xc2, 0xdf, 0xe0, 0xe1],
  ...[0xec, 0xed, 0xee, 0xef, 0xf0, 0xf1, 0xf3, 0xf4, 0xf5, 0xff],
];

test("decodes any bytes as Python does, however they are cut", () => {
  const random = numbers(11);
  const below = (most: number) => Math.floor(random() * most);
  const samples = Array.from({ length: 3000 }, () =>
    Buffer.from(Array.from({ length: below(9) }, () => EDGES[below(EDGES.length)]!)),
  );
  const program = `import json, sys
print(json.dumps([bytes.fromhex(one).decode("utf-8", "surrogateescape") for one in json.load(sys.stdin)]))`;
  const { stdout } = spawnSync("python3", ["-c", program], {
    input: JSON.stringify(samples.map((bytes) => bytes.toString("hex"))),
    encoding: "utf8",
  });
  const expected: string[] = JSON.parse(stdout);
  const wrong = samples.filter((bytes, index) => {
    const text = decode(bytes, below(bytes.length + 1), below(bytes.length + 1));
    return text !== expected[index] || !originalBytes(text).equals(bytes);
  });
  expect(wrong).toEqual([]);
});

test("valid text does not change", () => {
  const text = "caf\u00e9 \u20ac \u{1f600}\n";
  const bytes = Buffer.from(text);
  for (let cut = 0; cut <= bytes.length; cut++) expect(decode(bytes, cut)).toBe(text);
  expect(isEscaped(text)).toBe(false);
  expect(validText(text)).toBe(text);
});

test("invalid UTF-8 is recognized, and can be shown as such", () => {
  const text = decode(Buffer.from("caf\xe9!", "latin1"));
  expect(isEscaped(text)).toBe(true);
  expect(validText(text)).toBe("caf\ufffd!");
});
