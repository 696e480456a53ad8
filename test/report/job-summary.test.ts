import { expect, test } from "vitest";
import type { HostPlan } from "../../src/events/deployment-plan.ts";
import { JobSummary } from "../../src/report/job-summary.ts";

const MUCH = 1_000_000;
const now = new Date("2026-03-01T12:00:00Z");

const PLAN: HostPlan = {
  ...{ address: "web1.example.com", path: "/srv/app", release: { number: 2, id: "b".repeat(40) } },
  ...{ steps: [], bootstrap: [], packages: [], versions: [], parts: [], overrides: [], notes: [] },
  files: [{ change: "changed", path: "a.cfg", diff: `@@ -1 +1 @@\n+${"long ".repeat(500)}` }],
  ...{ bytes: 10, sudo: false, changes: true },
  basis: { options: "", drift: "", installed: "" },
};

test("a deployment is a table of its hosts, in which nothing is Markdown", () => {
  const summary = new JobSummary("hostout deploy");
  const message = "Cannot <b>log in</b> | to @all\nsecond line";
  summary.report({ type: "error", host: "web2", code: "x", message });
  summary.report({ type: "finished", host: "web2", outcome: "failed", seconds: 3 });
  const deployed = { number: 7, id: "1d0de5abc", seconds: 14, bytes: 1, warnings: 0 };
  summary.report({ type: "deployed", host: "web1", ...deployed });
  summary.report({ type: "finished", host: "web1", outcome: "done", seconds: 14 });
  summary.report({ type: "finished", host: "web3", outcome: "not-reached" });
  expect(summary.text(["web1", "web2", "web3"], MUCH, "full", now)).toBe(
    `## hostout deploy

| Host | Outcome | Release | Time | Error |
| --- | --- | --- | --- | --- |
| web1 | done | release 7 (1d0de5a) | 14 s |  |
| web2 | failed |  | 3 s | Cannot &#60;b&#62;log in&#60;/b&#62; &#124; to &#64;all |
| web3 | not reached |  |  |  |

1 of 3 hosts done, 1 failed, 1 not reached.
`,
  );
});

test("an error before any host began is shown instead of the table", () => {
  const summary = new JobSummary("hostout deploy");
  summary.report({ type: "error", code: "x", message: "The keys are not known:\n  web1: <key>" });
  expect(summary.text(["web1"], MUCH, "full", now)).toBe(
    "## hostout deploy\n\nThe keys are not known:<br>\nweb1: &#60;key&#62;\n",
  );
});

test("content that does not fit is left out, with a note", () => {
  const hosts = Array.from({ length: 100 }, (_, index) => `web${index}`);
  const summary = new JobSummary("hostout deploy");
  for (const host of hosts) summary.report({ type: "finished", host, outcome: "done", seconds: 1 });
  const text = summary.text(hosts, 1000, "full", now);
  expect(Buffer.byteLength(text)).toBeLessThanOrEqual(1000);
  expect(text).toMatch(/\n\d+ more hosts are left out: the page would be too large\.\n$/);
});

test("a plan is shown in full, otherwise without contents of files, otherwise not", () => {
  const hosts = ["web1", "web2", "web3"];
  const summary = new JobSummary("hostout plan");
  for (const host of hosts) {
    summary.report({ type: "plan", host, ...PLAN });
    summary.report({ type: "finished", host, outcome: "done", seconds: 1 });
  }
  const all = summary.text(hosts, MUCH, "full", now);
  expect(all.match(/^## .*$/gm)).toEqual(["## web1", "## web2", "## web3"]);
  expect(all.match(/<details>/g)).toHaveLength(3);
  expect(summary.text(hosts, MUCH, "stat", now)).not.toContain("long long");
  const some = summary.text(hosts, 3600, "full", now);
  expect(Buffer.byteLength(some)).toBeLessThanOrEqual(3600);
  expect(some.match(/<details>/g)).toHaveLength(1);
  expect(some).toContain("## web2");
  const few = summary.text(hosts, 600, "full", now);
  expect(few).toMatch(/more plans are left out/);
});

test("a call that has reached no host has no page", () => {
  expect(new JobSummary("hostout deploy").text(["web1"], MUCH, "full", now)).toBe("");
});
