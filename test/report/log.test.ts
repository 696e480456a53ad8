import { describe, expect, test } from "vitest";
import { painter, useColour } from "../../src/report/colour.ts";
import { logOutput } from "../../src/report/log.ts";

function recorder(colour = false) {
  const lines: string[] = [];
  return { lines, output: logOutput((text) => lines.push(text), painter(colour)) };
}

describe("log lines", () => {
  test("of the engine are bare, those of a part carry its name", () => {
    const { lines, output } = recorder();
    output.log().info("Installing demo.");
    output.log("demo").info("made it");
    expect(lines).toEqual(["Installing demo.\n", "demo: made it\n"]);
  });

  test("below the level are dropped; 20 is INFO", () => {
    const { lines, output } = recorder();
    output.log().debug("unseen");
    output.configure({ level: 10, format: "" });
    output.log().debug("seen");
    output.configure({ level: 30, format: "" });
    output.log().info("unseen");
    output.print("always");
    expect(lines).toEqual(["seen\n", "always\n"]);
  });

  test("follow log-format, with widths, for both kinds", () => {
    const { lines, output } = recorder();
    output.configure({ level: 20, format: "%(levelname)-8s|%(name)12s|%(message)s 100%%" });
    output.log().warning("a");
    output.log("p").error("b");
    expect(lines).toEqual(["WARNING | zc.buildout|a 100%\n", "ERROR   |           p|b 100%\n"]);
  });

  test("show the time as Python does", () => {
    const { lines, output } = recorder();
    output.configure({ level: 20, format: "%(asctime)s %(message)s" });
    output.log().info("x");
    expect(lines[0]).toMatch(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3} x\n$/);
  });

  test("are coloured when they warn", () => {
    const { lines, output } = recorder(true);
    output.log().info("plain");
    output.log().warning("careful");
    expect(lines).toEqual(["plain\n", "\x1b[33mcareful\x1b[39m\n"]);
  });
});

test("colours are for terminals, unless NO_COLOR is set", () => {
  expect(useColour({ isTTY: true }, {})).toBe(true);
  expect(useColour({}, {})).toBe(false);
  expect(useColour({ isTTY: true }, { NO_COLOR: "1" })).toBe(false);
  expect(useColour({ isTTY: true }, { TERM: "dumb" })).toBe(false);
});
