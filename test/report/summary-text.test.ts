import { describe, expect, test } from "vitest";
import { type HostSummary, summaryText } from "../../src/report/summary-text.ts";

describe("the summary of several hosts", () => {
  test("has a line for each, with the known facts", () => {
    expect(
      summaryText([
        { host: "web1", outcome: "done", seconds: 14, release: "release 7 (1d0de5a)" },
        { host: "web10", outcome: "failed", seconds: 3, error: "No\u001b[2J answer\nat all" },
        { host: "web2", outcome: "rolled-back", seconds: 120 },
        { host: "web3", outcome: "not-reached" },
      ]),
    ).toEqual([
      "web1   done         release 7 (1d0de5a)   14 s",
      "web10  failed                              3 s  No [2J answer",
      "web2   rolled back                       120 s",
      "web3   not reached",
      "1 of 4 hosts done, 1 failed, 1 rolled back, 1 not reached.",
    ]);
  });

  test("leaves empty columns out, and counts nothing if all is done", () => {
    expect(summaryText([{ host: "a", outcome: "done", seconds: 1 }])).toEqual(["a  done  1 s"]);
  });

  test("only counts the hosts that are done if there are many", () => {
    const hosts = Array.from(
      { length: 60 },
      (_, index): HostSummary => ({
        host: `n${index}`,
        outcome: index === 7 ? "interrupted" : "done",
      }),
    );
    expect(summaryText(hosts)).toEqual(["n7  interrupted", "59 of 60 hosts done, 1 interrupted."]);
    expect(summaryText(hosts.filter(({ outcome }) => outcome === "done"))).toEqual([
      "59 hosts are done.",
    ]);
  });
});
