import { describe, expect, test } from "vitest";
import type { RollbackScope } from "../../../src/deploy/part/options.ts";
import { type Course, companionsOf } from "../../../src/deploy/run/companions.ts";
import { BuildoutError } from "../../../src/errors/error.ts";

/** a and b are a batch, c and d the next one. */
const EARLIER = ["a", "b"];
const BATCH = ["c", "d"];

const courses = (changed: Record<string, Partial<Course["result"]>> = {}, old: string[] = []) =>
  new Map(
    [...EARLIER, ...BATCH].map((host): [string, Course] => [
      host,
      {
        result: { host, outcome: "done", ...changed[host] },
        hasNewRelease: !old.includes(host),
      },
    ]),
  );

const unhealthy = {
  outcome: "rolled-back",
  error: new BuildoutError("unhealthy", "no"),
} as const;
const broken = { outcome: "failed", error: new BuildoutError("host-locked", "no") } as const;

const companions = (scopes: Record<string, RollbackScope>, now = courses({ d: unhealthy })) =>
  Object.fromEntries(companionsOf(BATCH, now, (host) => scopes[host] ?? "host"));

describe("hosts that go back with an unhealthy one:", () => {
  test("none, unless its own option says so", () => {
    expect(companions({})).toEqual({});
    expect(companions({ c: "all" })).toEqual({});
    expect(companions({ d: "no" })).toEqual({});
  });

  test("those of its batch, or all so far", () => {
    expect(companions({ d: "batch" })).toEqual({ c: "d" });
    expect(companions({ d: "all" })).toEqual({ a: "d", b: "d", c: "d" });
  });

  test("none that failed, have rolled back or had the release before", () => {
    const now = courses({ a: broken, c: unhealthy, d: unhealthy }, ["b"]);
    expect(companions({ c: "all", d: "batch" }, now)).toEqual({});
  });

  test("none if a host failed for another reason", () => {
    expect(companions({ d: "all" }, courses({ d: broken }))).toEqual({});
  });
});
