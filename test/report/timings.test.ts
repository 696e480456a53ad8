import { expect, test } from "vitest";
import { timingsTable } from "../../src/report/timings.ts";

test("phases are in the order in which they began", () => {
  const table = timingsTable(
    [
      { phase: "login", host: "web", start: 120.4, end: 150 },
      { phase: "project", host: undefined, start: 100, end: 110.6 },
    ],
    200.2,
  );
  expect(table).toBe(
    `Where the time went, in milliseconds (start, duration)
  project        100      11
  web: login     120      30
  all              0     200
`,
  );
});
