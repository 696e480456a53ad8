import { expect, test } from "vitest";
import { keepTimings, type Timing, timed } from "../../src/system/timings.ts";

test("measurements are kept once they are requested, also for failures", async () => {
  expect(await timed("before", undefined, async () => 1)).toBe(1);
  const timings: Timing[] = [];
  await keepTimings(timings, async () => {
    await timed("good", "web", async () => {});
    const failing = timed("bad", undefined, async () => {
      throw new Error("no");
    });
    await expect(failing).rejects.toThrow("no");
  });
  await timed("after", undefined, async () => {});
  expect(timings.map(({ phase, host }) => [phase, host])).toEqual([
    ["start of the program", undefined],
    ["good", "web"],
    ["bad", undefined],
  ]);
  for (const { start, end } of timings) expect(end).toBeGreaterThanOrEqual(start);
});
