import fc from "fast-check";
import { expect, test } from "vitest";
import {
  isSpace,
  lines,
  repr,
  sorted,
  splitLines,
  strip,
  stripEnd,
  words,
} from "../../src/pythonic/text.ts";
import { askPython } from "../support/ask-python.ts";

/** Letters, quotes, and everything that either language treats as white space or a line end. */
const character = fc.oneof(
  fc.constantFrom(
    ..."ab'\"\\ \t\n\r\v\f\x1c\x1d\x1e\x1f\x85\xa0\xad\u1680\u180e\u2028\u2029\u200b",
  ),
  fc.constantFrom(..."\ufeff\u3000\u00e9\u0301\ue000\u{1f600}\u{e0001}\x00\x07\x7f"),
);
const texts = fc.sample(fc.string({ unit: character, maxLength: 12 }), { numRuns: 1000, seed: 5 });

test.each([
  ["words", "it.split()", words],
  ["splitLines", "it.splitlines()", splitLines],
  ["strip", "it.strip()", strip],
  ["stripEnd", "it.rstrip()", stripEnd],
  ["repr", "repr(it)", repr],
  ["lines", "[one.strip() for one in it.splitlines() if one.strip()]", lines],
])("%s gives what Python gives", (_name, expression, ours) => {
  expect(texts.map((text) => ours(text))).toEqual(askPython(expression, texts));
});

test("white space is the same as in Python", () => {
  const units = Array.from({ length: 0x10000 }, (_, unit) => unit);
  const theirs = askPython("chr(it).isspace()", units);
  expect(units.filter((unit) => isSpace(unit))).toEqual(units.filter((unit) => theirs[unit]));
});

test("texts are sorted by code point", () => {
  expect(sorted(texts)).toEqual(askPython("sorted(it)", [texts])[0]);
});
