import { expect, test } from "vitest";
import {
  formerRelease,
  nextNumber,
  parseHistory,
  removable,
} from "../../../src/deploy/host/history.ts";

const id = (number: number) => number.toString(16).padStart(12, "0");
const begun = (number: number) => JSON.stringify({ number, id: id(number), who: "ann@ci" });
const ended = (number: number, result: string) => JSON.stringify({ number, result, seconds: 3 });

test("the lines of a number together describe its outcome", () => {
  const { attempts, rubbish } = parseHistory([
    begun(2),
    begun(1),
    ended(1, "ok"),
    ended(2, "ok"),
    JSON.stringify({ number: 2, result: "bad", reason: "slow" }),
    begun(3),
  ]);
  expect(rubbish).toBe(0);
  expect(attempts).toEqual([
    { number: 1, id: id(1), who: "ann@ci", result: "ok", seconds: 3 },
    { number: 2, id: id(2), who: "ann@ci", result: "bad", seconds: 3, reason: "slow" },
    { number: 3, id: id(3), who: "ann@ci" },
  ]);
});

test("parts of root's that cannot be names of parts are not taken over", () => {
  const parts = (sudoParts: unknown) =>
    parseHistory([JSON.stringify({ number: 1, id: id(1), sudoParts })]).attempts[0]!.sudoParts;
  expect(parts(["a", "b"])).toEqual(["a", "b"]);
  expect([["-c"], [""], ["a\n"], [1], "a"].map(parts)).toEqual(Array(5).fill(undefined));
});

test.each([
  "torn",
  "null",
  "[1]",
  '{"id":"000000000001"}',
  '{"number":1}',
  '{"number":0,"id":"000000000001"}',
  '{"number":1.5,"id":"000000000001"}',
  '{"number":1,"id":"../../etc"}',
  '{"number":9007199254740991,"id":"000000000001"}',
  '{"event":"reboot","who":"ann@ci"}',
])("%s is rubbish, and an empty line is none", (line) => {
  expect(parseHistory([line, "", begun(4)])).toEqual({
    attempts: [{ number: 4, id: id(4), who: "ann@ci" }],
    events: [],
    rubbish: 1,
  });
});

test("control characters are not accepted", () => {
  const line = JSON.stringify({
    ...{ number: 1, id: id(1), who: "ann\u001b[2J", reason: "x".repeat(2000) },
    ...{ commit: "not one", dirty: "yes", result: "great", __proto__: null, extra: 1 },
  });
  expect(parseHistory([line]).attempts).toEqual([{ number: 1, id: id(1) }]);
});

test("a number is used once, whether it is in the log or among the files", () => {
  const history = parseHistory([begun(1), begun(7)]);
  expect(nextNumber(history, [3])).toBe(8);
  expect(nextNumber(history, [9])).toBe(10);
  expect(nextNumber(parseHistory([]), [])).toBe(1);
});

test("a number in an invalid line does not block others", () => {
  const used = parseHistory([begun(1), begun(999_999_999), begun(3)]);
  expect(nextNumber(used, [1, 2])).toBe(4);
});

test("other commands are listed separately", () => {
  const line = { event: "rollback", who: "ann@ci", from: 3, to: 2, number: "x" };
  const { events, rubbish } = parseHistory([JSON.stringify(line)]);
  expect([events, rubbish]).toEqual([[{ event: "rollback", who: "ann@ci", from: 3, to: 2 }], 0]);
});

test("a release that the log has lost counts as good", () => {
  const { attempts } = parseHistory([5, 6].map(begun));
  const lost = { number: 4, id: id(4) };
  expect(removable({ attempts: [lost, ...attempts], events: [], rubbish: 0 }, all, 6, 2)).toEqual([
    1, 2, 3, 5,
  ]);
});

const history = parseHistory([
  ...[1, 2, 3, 4, 5, 6].map(begun),
  ...[1, 2, 5].map((number) => ended(number, "ok")),
  ended(3, "failed"),
  ended(4, "bad"),
]);
const all = [1, 2, 3, 4, 5, 6];

test("good releases before the current one are removed, and failed ones with them", () => {
  expect(removable(history, all, 6, 2)).toEqual([1, 2, 3, 4]);
  expect(removable(history, all, 6, 3)).toEqual([1, 3, 4]);
  expect(removable(history, [2, 5, 6], 6, 3)).toEqual([]);
});

test("neither the current one nor later ones are removed", () => {
  expect(removable(history, all, 2, 1)).toEqual([1]);
  expect(removable(history, all, 1, 1)).toEqual([]);
});

test("a rollback skips releases that are bad, failed, unfinished or not kept", () => {
  expect(formerRelease(history, all, 6)?.number).toBe(5);
  expect(formerRelease(history, all, 5)?.number).toBe(2);
  expect(formerRelease(history, all, 5, 2)?.number).toBe(1);
  expect(formerRelease(history, [1, 3, 4, 5], 5)?.number).toBe(1);
  expect(formerRelease(history, all, 1)).toBeUndefined();
  expect(formerRelease(history, all, 5, 9)).toBeUndefined();
});
