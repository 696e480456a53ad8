import { describe, expect, test } from "vitest";
import { logOf } from "../../src/events/log.ts";
import { painter, useColor } from "../../src/report/color.ts";
import { logReporter } from "../../src/report/log.ts";

function recorder(color = false) {
  const lines: string[] = [];
  const report = logReporter((text) => lines.push(text), painter(color));
  const configure = (logLevel: number, logFormat = "") =>
    report({ type: "configured", directory: "/x", logLevel, logFormat });
  return { lines, report, configure, log: (part?: string) => logOf(report, part) };
}

describe("log lines", () => {
  test("of the engine are bare, those of a part carry its name", () => {
    const { lines, log } = recorder();
    log().info("Installing demo.");
    log("demo").info("made it");
    expect(lines).toEqual(["Installing demo.\n", "demo: made it\n"]);
  });

  test("below the level are dropped; 20 is INFO", () => {
    const { lines, report, configure, log } = recorder();
    log().debug("unseen");
    configure(10);
    log().debug("seen");
    configure(30);
    log().info("unseen");
    report({ type: "print", text: "always" });
    expect(lines).toEqual(["seen\n", "always\n"]);
  });

  test("report for each distribution that it is downloaded and that it is there", () => {
    const { lines, report, log } = recorder();
    const getting = (requirement: string) =>
      report({ type: "distribution-getting", kind: "python", requirement });
    const got = (name: string) =>
      report({ ...{ type: "distribution-got", kind: "python" }, name, version: "1", picked: true });
    getting("a.b==1");
    expect(lines).toEqual(["Getting distribution for 'a.b==1'.\n"]);
    getting("c");
    getting("D_e>2");
    got("A-B");
    got("d.e");
    got("c");
    getting("f");
    getting("g");
    log().info("Updating h.");
    getting("i");
    getting("j");
    report({ type: "done", ok: false });
    expect(lines.map((line) => line.replace("Getting distribution for ", "? ").trim())).toEqual([
      ...["? 'a.b==1'.", "Got A-B 1.", "? 'D_e>2'.", "Got d.e 1.", "? 'c'.", "Got c 1."],
      ...["? 'f'.", "? 'g'.", "Updating h.", "? 'i'.", "? 'j'."],
    ]);
  });

  test("follow log-format, with widths, for both kinds", () => {
    const { lines, configure, log } = recorder();
    configure(20, "%(levelname)-8s|%(name)12s|%(message)s 100%%");
    log().warning("a");
    log("p").error("b");
    expect(lines).toEqual(["WARNING | zc.buildout|a 100%\n", "ERROR   |           p|b 100%\n"]);
  });

  test("show the time as Python does", () => {
    const { lines, configure, log } = recorder();
    configure(20, "%(asctime)s %(message)s");
    log().info("x");
    expect(lines[0]).toMatch(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3} x\n$/);
  });

  test("are colored when they warn", () => {
    const { lines, log } = recorder(true);
    log().info("plain");
    log().warning("careful");
    expect(lines).toEqual(["plain\n", "\x1b[33mcareful\x1b[39m\n"]);
  });
});

test("colors are for terminals, unless NO_COLOR is set", () => {
  expect(useColor({ isTTY: true }, {})).toBe(true);
  expect(useColor({}, {})).toBe(false);
  expect(useColor({ isTTY: true }, { NO_COLOR: "1" })).toBe(false);
  expect(useColor({ isTTY: true }, { TERM: "dumb" })).toBe(false);
});
