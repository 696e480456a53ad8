import { expect, test } from "vitest";
import { inPool } from "../../../src/deploy/run/pool.ts";

test("a pool begins in order, and never has more at work than it may", async () => {
  const begun: number[] = [];
  let running = 0;
  let most = 0;
  await inPool([1, 2, 3, 4, 5, 6, 7], 3, async (item) => {
    begun.push(item);
    most = Math.max(most, ++running);
    for (let turn = 0; turn < 8 - item; turn++) await new Promise(setImmediate);
    running--;
  });
  expect([begun, most]).toEqual([[1, 2, 3, 4, 5, 6, 7], 3]);
});

test("a pool is as large as the work requires, and ends with the first failure", async () => {
  await inPool([], 5, async () => expect.unreachable());
  const failing = inPool([1], 5, async () => Promise.reject(new Error("no")));
  await expect(failing).rejects.toThrow("no");
});
