import type { Log } from "sarif";
import { describe, expect, test } from "vitest";
import type { Finding } from "../../src/buildout/lint/finding.ts";
import { findingsGithub, findingsSarif } from "../../src/report/findings-elsewhere.ts";

const finding = (more: Partial<Finding> = {}): Finding => ({
  severity: "error",
  code: "missing-option",
  message: "There is no option.",
  location: { file: "/checkout/etc/a.cfg", line: 7 },
  hint: undefined,
  ...more,
});

/** Parses a workflow command like GitHub's runner. */
function command(line: string) {
  const [, name, properties = "", data = ""] = /^::(\w+) ([^:]*)::(.*)$/.exec(line) ?? [];
  const plain = (text: string) => text.replace(/%(25|0D|0A|3A|2C)/g, decodeURIComponent);
  const entries = properties.split(",").map((one) => {
    const [key, ...value] = one.split("=");
    return [key, plain(value.join("="))];
  });
  return { name, ...Object.fromEntries(entries), text: plain(data) };
}

describe("commands of GitHub", () => {
  const read = (...findings: Finding[]) =>
    findingsGithub(findings, "/checkout").trimEnd().split("\n").map(command);

  test("name the file as the repository has it, with line and code", () => {
    expect(read(finding(), finding({ severity: "warning", hint: "Add it." }))).toEqual([
      {
        ...{ name: "error", file: "etc/a.cfg", line: "7", title: "missing-option" },
        text: "There is no option.",
      },
      {
        ...{ name: "warning", file: "etc/a.cfg", line: "7", title: "missing-option" },
        text: "There is no option.\nAdd it.",
      },
    ]);
  });

  test("keep every character that has a meaning to the runner", () => {
    const odd = "100 % of\r\n[a,b]: ::error::x %0A";
    const location = { file: "/checkout/a,b:c 5%.cfg", line: 1 };
    expect(read(finding({ message: odd, location }))).toEqual([
      {
        ...{ name: "error", file: "a,b:c 5%.cfg", line: "1", title: "missing-option" },
        text: odd,
      },
    ]);
  });

  test("name the URL in question, which is in no repository", () => {
    const location = { file: "https://example.com/base.cfg", line: 3 };
    expect(read(finding({ location, hint: "Mend it." }), finding({ location: undefined }))).toEqual(
      [
        {
          ...{ name: "error", title: "missing-option" },
          text: "There is no option.\nat https://example.com/base.cfg:3\nMend it.",
        },
        { name: "error", title: "missing-option", text: "There is no option." },
      ],
    );
  });

  test("are none if nothing is found", () => expect(findingsGithub([], "/checkout")).toBe(""));
});

describe("a SARIF log", () => {
  const context = {
    base: "/checkout",
    main: { file: "/checkout/buildout.cfg" },
    version: "1.2.3",
  };
  const read = (...findings: Finding[]) =>
    (JSON.parse(findingsSarif(findings, context)) as Log).runs[0]!;

  test("has a rule for each code, with its meaning, and results that name it", () => {
    const { tool, results } = read(
      finding({ code: "unused-pin", severity: "warning", hint: "Remove it." }),
      finding(),
      finding(),
    );
    expect(tool.driver).toMatchObject({ name: "buildout lint", version: "1.2.3" });
    expect(tool.driver.rules).toMatchObject([
      { id: "missing-option", help: { text: "Add it, or correct its name." } },
      { id: "unused-pin", shortDescription: { text: "Nothing uses a pin." } },
    ]);
    expect(results?.map(({ ruleId, ruleIndex, level }) => [ruleId, ruleIndex, level])).toEqual([
      ["unused-pin", 1, "warning"],
      ["missing-option", 0, "error"],
      ["missing-option", 0, "error"],
    ]);
    expect(results?.[0]?.message.text).toBe("There is no option.\nRemove it.");
  });

  const places = (...locations: Finding["location"][]) =>
    read(...locations.map((location) => finding({ location }))).results?.map(
      ({ locations: [at] = [] }) => [
        at?.physicalLocation?.artifactLocation?.uri,
        at?.physicalLocation?.region?.startLine,
      ],
    );

  test("has a place for each, as a URI", () => {
    expect(
      places(
        { file: "/checkout/etc/a b#1.cfg", line: 2 },
        { file: "/home/ann/.buildout/default.cfg" },
        { file: "https://example.com/base.cfg", line: 3 },
        undefined,
      ),
    ).toEqual([
      ["etc/a%20b%231.cfg", 2],
      ["file:///home/ann/.buildout/default.cfg", undefined],
      ["https://example.com/base.cfg", 3],
      ["buildout.cfg", undefined],
    ]);
  });

  test("has no results if nothing is found", () => expect(read().results).toEqual([]));
});
