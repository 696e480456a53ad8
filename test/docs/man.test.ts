import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { MAN_PAGES } from "../../docs/man/pages.ts";
import { HOST_OPTIONS } from "../../recipes/hostout/options.ts";
import { optionRows } from "../../src/arguments/grammar.ts";
import { fullUsage } from "../../src/arguments/own-words.ts";
import { OPTIONS as BUILDOUT_OPTIONS } from "../../src/cli/buildout/arguments.ts";
import { COMMANDS } from "../../src/cli/buildout/commands.ts";
import { commandForm } from "../../src/cli/buildout/help.ts";
import { OPTIONS as HOSTOUT_OPTIONS } from "../../src/cli/hostout/hostout-options.ts";
import { builtinCommands } from "../../src/deploy/commands/builtin.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const pages = [...MAN_PAGES.keys()];
const isThere = (program: string) =>
  spawnSync(program, ["-V"], { stdio: "ignore" }).error === undefined;
const MAN = { LC_ALL: "C.UTF-8", MANWIDTH: "80", PATH: process.env.PATH };

test("the package brings every page", () => {
  const { man } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
  expect(man).toEqual(pages.map((page) => `./${page}`));
});

/** The lines of a chapter, without fonts and with plain signs. */
function chapter(page: string, heading: string): string[] {
  const text = readFileSync(join(root, page), "utf8");
  const [, rest = ""] = text.split(`\n.SH "${heading}"\n`);
  const signs: Record<string, string> = { "-": "-", "(aq": "'", "(ti": "~", e: "\\" };
  return rest
    .split(/\n\.SH /)[0]!
    .replace(/\\(?:f[BIR]|%)/g, "")
    .replace(/\\(-|e|\(..)/g, (_, sign) => signs[sign]!)
    .split("\n");
}

/** The text after a macro, or on the line below it. */
const behind = (lines: readonly string[], macro: string) =>
  lines.flatMap((line, at) => {
    if (line === macro) return lines[at + 1]!;
    return line.startsWith(`${macro} `) ? line.slice(macro.length + 2, -1) : [];
  });

/** The terms before the first subsection. */
const ownTerms = (lines: readonly string[]) => {
  const end = lines.findIndex((line) => line.startsWith(".SS "));
  return behind(end < 0 ? lines : lines.slice(0, end), ".TP");
};

test.each([
  ["man/buildout.1", BUILDOUT_OPTIONS],
  ["man/hostout.1", HOSTOUT_OPTIONS],
])("%s has the options of the help", (page, options) => {
  const shown = ownTerms(chapter(page, "OPTIONS"));
  expect(shown).toEqual(optionRows(options).map(([form]) => form));
});

test("the pages have the commands of the help", () => {
  expect(behind(chapter("man/buildout.1", "COMMANDS"), ".SS")).toEqual(COMMANDS.map(commandForm));
  const usages = builtinCommands.map((one) =>
    `${one.name} ${fullUsage(one)}`.replace(/ none$/, ""),
  );
  expect(behind(chapter("man/hostout.1", "COMMANDS"), ".SS")).toEqual(usages.sort());
});

test("hostout.cfg(5) has every option of a hostout part", () => {
  const terms = behind(chapter("man/hostout.cfg.5", "DESCRIPTION"), ".TP");
  expect(terms).toEqual(expect.arrayContaining([...HOST_OPTIONS]));
});

describe.skipIf(!isThere("man"))("man", () => {
  test.each(pages)("has nothing to say against %s", (page) => {
    const args = ["--warnings", "-E", "UTF-8", "-l", "-Tutf8", "-Z", join(root, page)];
    const { stderr, status } = spawnSync("man", args, {
      env: MAN,
      encoding: "utf8",
    });
    expect({ stderr, status }).toEqual({ stderr: "", status: 0 });
  });
});

describe.skipIf(!isThere("mandoc"))("mandoc", () => {
  test.each(pages)("has nothing to say against %s", (page) => {
    const { stdout } = spawnSync("mandoc", ["-T", "lint", "-W", "warning", join(root, page)], {
      encoding: "utf8",
    });
    const complaints = stdout
      .split("\n")
      .filter((line) => line !== "" && !line.includes("missing date"));
    expect(complaints).toEqual([]);
  });
});
