import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import recipe from "../../recipes/hostout/index.ts";
import { HOST_OPTIONS, OLD_OPTIONS } from "../../recipes/hostout/options.ts";
import { fullUsage } from "../../src/arguments/own-words.ts";
import { OPTIONS } from "../../src/cli/hostout/hostout-options.ts";
import { readWords } from "../../src/cli/hostout/words.ts";
import { parse } from "../../src/config/syntax/parse.ts";
import { builtinCommands } from "../../src/deploy/commands/builtin.ts";
import { canonicalName, hostOptions } from "../../src/deploy/part/options.ts";
import { commandChains } from "../../src/deploy/run/chain.ts";
import { support, supportRow } from "../support/deployer.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const read = (path: string) => readFileSync(join(root, path), "utf8");
const commandNames = builtinCommands.map(({ name }) => name);
const NAMES = {
  hosts: async () => [{ name: "host1", roles: [] }],
  commands: async () => new Map([["host1", commandChains([{ commands: builtinCommands }])]]),
};

interface Entry {
  /** The words of the heading in backticks. */
  names: string[];
  text: string;
  /** Content of its blocks, by language. */
  blocks: { language: string; text: string }[];
}

/** The content below each heading of the fourth level in a chapter of docs/hostout.md. */
function entries(chapter: string): Entry[] {
  const [, text = ""] = read("docs/hostout.md").split(`\n## ${chapter}\n`);
  const [own = ""] = text.split(/\n## /);
  return own
    .split(/\n#### /)
    .slice(1)
    .map((entry) => {
      const [heading = "", ...lines] = entry.split(/\n(?=### )/)[0]!.split("\n");
      const body = lines.join("\n");
      return {
        names: [...heading.matchAll(/`([^`\s]+)[^`]*`/g)].map(([, name]) => name!),
        text: body,
        blocks: [...body.matchAll(/```(\w+)\n([\s\S]*?)```/g)].map(([, language, block]) => ({
          language: language!,
          text: block!,
        })),
      };
    });
}

/** Set by the recipe for `bin/hostout`, or the business of every part. */
const INTERNAL = new Set(["recipe", "plugins", "plugin-path", "python-executable"]);

/** The options that the deployer and its recipe read, as their sources name them. */
function optionsRead(): string[] {
  const sources = (folder: string) =>
    readdirSync(join(root, folder), { recursive: true, encoding: "utf8" })
      .filter((name) => name.endsWith(".ts"))
      .map((name) => read(join(folder, name)));
  const reads =
    /\b(?:text|flag|count|amounts|globsBelow|localPath|remote|account|oneOf|\ball\.(?:get|has)|(?:options|section|host)\.(?:get|has))\(\s*"([\w-]+)"/g;
  const found = [...sources("src/deploy"), ...sources("recipes/hostout")].flatMap((source) =>
    [...source.matchAll(reads)].map(([, name]) => name!),
  );
  return [...new Set([...found, ...Object.keys(recipe.options ?? {})])]
    .filter((name) => !INTERNAL.has(name))
    .sort();
}

describe("docs/hostout.md", () => {
  const options = entries("Options");
  const commands = entries("Commands");

  test("has every option that is read, and no other", () => {
    expect(optionsRead()).toContain("buildout-user");
    expect(options.flatMap(({ names }) => names).sort()).toEqual(optionsRead());
  });

  test("has every built-in command, and no other", () => {
    expect(commands.flatMap(({ names }) => names).sort()).toEqual([...commandNames].sort());
  });

  test("describes everything that `lint` checks", () => {
    const described = options.flatMap(({ names: own }) => own).sort();
    expect([...HOST_OPTIONS].sort()).toEqual(described);
    expect([...OLD_OPTIONS].map((name) => name === canonicalName(name))).not.toContain(true);
  });

  test.each(options.map((entry) => [entry.names[0]!, entry] as const))(
    "has an example of the option %s that is valid",
    (name, { blocks }) => {
      const block = blocks.find(({ language }) => language === "ini");
      const sections = parse(block?.text ?? "", "example.cfg", () => true).sections;
      const host = sections.get("host1") ?? [];
      const raw = new Map([...host].map(([option, { value }]) => [option, value]));
      expect([...raw.keys()]).toContain(name);
      expect(() => hostOptions("host1", raw, "/project")).not.toThrow();
    },
  );

  test("has an example of each command, as the command line reads it", async () => {
    const shown = new Set<string>();
    for (const { names, blocks } of commands) {
      const lines = blocks
        .filter(({ language }) => language === "console")
        .flatMap(({ text }) => text.split("\n").filter((line) => line.startsWith("$ ")));
      for (const line of lines) {
        const [program, ...words] = line.slice(2).split(" ");
        expect(program).toBe("bin/hostout");
        const { commands: run } = await readWords(words, NAMES);
        expect(names, line).toContain(run[0]);
        shown.add(run[0]!);
      }
    }
    expect([...shown].sort()).toEqual([...commandNames].sort());
  });

  test("lists options that have older names", () => {
    const [, text = ""] = read("docs/hostout.md").split("\n### Old names\n");
    const pairs = [...text.split("\n## ")[0]!.matchAll(/`([\w-]+)` is\s+`([\w-]+)`/g)];
    const [, table = ""] =
      /OLD_NAMES[^{]*\{([^}]*)\}/.exec(read("src/deploy/part/options.ts")) ?? [];
    const old = [...table.matchAll(/^ *"?([\w-]+)"?:/gm)].map(([, name]) => name!);
    expect(pairs.map(([, name]) => name)).toEqual(old);
    for (const [, one, name] of pairs) expect(canonicalName(one!)).toBe(name);
  });

  test.each(OPTIONS)("has the option --$long of the command line", ({ long }) => {
    expect(read("docs/hostout.md")).toContain(`--${long}`);
  });

  test.each(builtinCommands)("shows $name with the arguments that it takes", (command) => {
    const { name } = command;
    const usage = fullUsage(command);
    const heading = usage === "none" ? `\`${name}\`` : `\`${name} ${usage}\``;
    // An option and a command may have the same name.
    const lines = read("docs/hostout.md").split("\n## Commands\n")[1]!.split("\n");
    expect(lines.filter((line) => line.startsWith("#### ") && line.includes(heading))).toHaveLength(
      1,
    );
  });
});

test("docs/support.md has every built-in command", () => {
  expect(Object.keys(support)).toEqual([...commandNames].sort());
  const [, chapter = ""] = read("docs/support.md").split("\n## Commands\n");
  const rows = chapter
    .split(/\n##/)[0]!
    .split("\n")
    .filter((line) => line.startsWith("| "));
  expect(rows.slice(2)).toEqual(
    Object.entries(support).map(([command, row]) => supportRow(command, row)),
  );
});
