import { describe, expect, test } from "vitest";
import {
  batches,
  failuresAllowed,
  type MaxFail,
  type Rollout,
  readMaxFail,
  readRollout,
} from "../../../src/deploy/part/rollout.ts";

const hosts = (count: number) => Array.from({ length: count }, (_, index) => index);
const sizes = (text: string, count: number) =>
  batches(hosts(count), readRollout(text) as Rollout).map(({ length }) => length);

describe("a rollout", () => {
  test.each<[text: string, hosts: number, sizes: number[]]>([
    ["1 25% 100%", 20, [1, 4, 15]],
    ["1 25% 100%", 3, [1, 1, 1]],
    ["1 25% 100%", 1, [1]],
    ["1 25%", 20, [1, 4, 15]],
    ["1 5", 20, [1, 5, 5, 5, 4]],
    ["2", 5, [2, 2, 1]],
    ["100%", 5, [5]],
    ["1%", 250, [3, 247]],
    ["10% 5 50%", 20, [2, 5, 3, 10]],
    ["15 50% 100%", 20, [15, 1, 4]],
  ])("%s of %i hosts: %j", (text, count, expected) => {
    expect(sizes(text, count)).toEqual(expected);
    expect(batches(hosts(count), readRollout(text) as Rollout).flat()).toEqual(hosts(count));
  });

  test.each([
    ["", "There are no batches."],
    ["0", "A batch needs at least one host."],
    ["1 x", "'x' is neither a number of hosts nor a percentage."],
    ["-1", "'-1' is neither a number of hosts nor a percentage."],
    ["101%", "'101%' is more than 100%."],
    ["50% 25%", "Percentages are cumulative: '25%' adds no hosts to the previous batch."],
    ["0%", "Percentages are cumulative: '0%' adds no hosts to the previous batch."],
    ["100% 3", "No hosts are left after '100%'."],
  ])("'%s' is none: %s", (text, problem) => {
    expect(readRollout(text)).toBe(problem);
  });

  test.each<[text: string, hosts: number, allowed: number]>([
    ["0", 100, 0],
    ["3", 100, 3],
    ["10%", 25, 2],
    ["0%", 25, 0],
  ])("max-fail %s of %i hosts: %i", (text, count, allowed) => {
    expect(failuresAllowed(readMaxFail(text) as MaxFail, count)).toBe(allowed);
  });

  test.each(["", "x", "1.5", "200%"])("max-fail '%s' is refused", (text) => {
    expect(readMaxFail(text)).toMatch(/neither|more than/);
  });
});
