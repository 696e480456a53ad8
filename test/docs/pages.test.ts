// Content of the pages: blocks and links are valid, and every page is on the map.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { nativePlugins } from "../../recipes/plugins/index.ts";
import { parseArguments } from "../../src/cli/buildout/arguments.ts";
import { readWords } from "../../src/cli/hostout/words.ts";
import { parse } from "../../src/config/syntax/parse.ts";
import { builtinCommands } from "../../src/deploy/commands/builtin.ts";
import { hostOptions } from "../../src/deploy/part/options.ts";
import { commandChains } from "../../src/deploy/run/chain.ts";
import { readBlocks } from "../support/documentation.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const read = (path: string) => readFileSync(join(root, path), "utf8");
const docs = readdirSync(join(root, "docs"))
  .filter((name) => name.endsWith(".md"))
  .map((name) => `docs/${name}`);
const recipes = readdirSync(join(root, "recipes"), { recursive: true, encoding: "utf8" })
  .filter((name) => name.endsWith("README.md"))
  .map((name) => `recipes/${name}`);
const pages = ["README.md", "CONTRIBUTING.md", "SECURITY.md", "CHANGELOG.md", ...docs, ...recipes];

/** Pages whose blocks are run as printed, and the test that does it. */
const RUN: Record<string, string> = {
  "docs/fabfiles.md": "e2e/fabfile-docs.test.ts",
  "docs/language.md": "config/language.test.ts",
  "docs/tutorial.md": "e2e/tutorial.test.ts",
  "docs/writing-plugins.md": "e2e/plugin-docs.test.ts",
  "docs/writing-recipes.md": "e2e/writing-recipes.test.ts",
};

/**
 * The blocks of all other pages refer to hosts and packages that do not exist. Their configurations are
 * parsed, their hostout parts are checked, and their command lines are parsed.
 */
const others = pages.filter((page) => RUN[page] === undefined);

/** Commands of plugins, and one of a reader's own fabfile. */
const pluginCommands = await Promise.all(
  [...nativePlugins.values()].map(async (plugin) => Object.keys(await plugin.fabfile())),
);
const MORE_COMMANDS = [...new Set([...pluginCommands.flat(), "restart_workers"])]
  .filter((name) => builtinCommands.every((command) => command.name !== name))
  .map((name) => ({
    ...{ name, description: "", arguments: "[WORD...]", options: "untouched" as const },
    ...{ source: "plugin", run: async () => undefined },
  }));

const ROLES: Record<string, string[]> = { web1: ["web"], web2: ["web"], web3: ["web"] };
const NAMES = {
  hosts: async () =>
    ["host1", "host2", "web", "web1", "web2", "web3", "db1", "prod", "staging"].map((name) => ({
      name,
      roles: ROLES[name] ?? [],
    })),
  commands: async (hosts: readonly string[]) => {
    const chains = commandChains([{ commands: [...builtinCommands, ...MORE_COMMANDS] }]);
    return new Map(hosts.map((host) => [host, chains] as const));
  },
};

/** Words as a shell splits them: quoted ones are one word, comments are none. */
function words(line: string): string[] {
  const found = [...line.matchAll(/(?:'[^']*'|"[^"]*"|[^\s'"])+/g)].map(([word]) => word);
  const end = found.findIndex((word) => word.startsWith("#"));
  return (end < 0 ? found : found.slice(0, end)).map((word) => word.replaceAll(/['"]/g, ""));
}

/** Each command of a block, and whether an error is shown below it. */
function commandLines(text: string): [line: string, fails: boolean][] {
  return text
    .split(/^\$ /m)
    .slice(1)
    .flatMap((piece) => {
      const [line = "", ...output] = piece.split("\n");
      const fails = output.some((one) => one.startsWith("Error:"));
      return line.split(/ && | \|\| | \| /).map((part): [string, boolean] => [part, fails]);
    });
}

async function readLine(line: string): Promise<void> {
  const [first = "", ...rest] = words(line);
  const [program, ...args] = first === "npx" ? rest : [first, ...rest];
  if (/^(bin\/)?hostout$/.test(program ?? "")) await readWords(args, NAMES);
  if (/^(bin\/)?buildout$/.test(program ?? "")) parseArguments(args);
}

describe.each(others)("%s", (page) => {
  // Those in lists are indented.
  const blocks = readBlocks(read(page).replaceAll(/^ {3}(?=\S| )/gm, ""));

  test("its configurations are valid", () => {
    for (const { text, title } of blocks.filter(({ language }) => language === "ini")) {
      const { sections } = parse(text, page, () => true);
      for (const [name, options] of sections) {
        const raw = new Map([...options].map(([option, { value }]) => [option, value]));
        if (!/^(collective\.)?hostout$/.test(raw.get("recipe") ?? "")) continue;
        const { buildout: _, ...inherited } = Object.fromEntries(
          sections.get(raw.get("extends") ?? "") ?? [],
        );
        for (const [option, { value }] of Object.entries(inherited)) raw.set(option, value);
        expect(() => hostOptions(name, raw, "/project"), title).not.toThrow();
      }
    }
  });

  test("its command lines are valid", async () => {
    for (const { text } of blocks.filter(({ language }) => language === "console")) {
      for (const [line, fails] of commandLines(text)) {
        await readLine(line).catch((error: Error) => {
          if (!fails) throw new Error(`${line}: ${error.message}`);
        });
      }
    }
  });
});

/** The anchors of headings, as GitHub makes them. */
function anchors(page: string): Set<string> {
  const text = page.replaceAll(/^```[\s\S]*?^```$/gm, "");
  return new Set(
    [...text.matchAll(/^#+ (.*)$/gm)].map(([, heading]) =>
      heading!
        .replaceAll(/\[([^\]]*)\]\([^)]*\)/g, "$1")
        .toLowerCase()
        .replaceAll(/[^\p{L}\p{N}\s_-]/gu, "")
        .trim()
        .replaceAll(/\s/g, "-"),
    ),
  );
}

test.each(pages)("links of %s are valid", (page) => {
  const text = read(page).replaceAll(/^ *```[\s\S]*?^ *```$/gm, "");
  const links = [...text.matchAll(/\]\((?!https?:)([^)\s]+)\)/g)].map(([, link]) => link!);
  const broken = links.filter((link) => {
    const [file = "", anchor] = link.split("#");
    const path = file === "" ? page : join(dirname(page), file);
    if (!existsSync(join(root, path))) return true;
    return anchor !== undefined && path.endsWith(".md") && !anchors(read(path)).has(anchor);
  });
  expect(broken).toEqual([]);
});

test("docs/index.md links to every page", () => {
  const index = read("docs/index.md");
  const missing = docs.filter((page) => !index.includes(`](${page.slice("docs/".length)}`));
  expect(missing).toEqual(["docs/index.md"]);
});

test("pages with tested examples exist, and so do their tests", () => {
  for (const [page, by] of Object.entries(RUN)) {
    expect(pages).toContain(page);
    expect(read(`test/${by}`)).toContain(page.replace("docs/", ""));
  }
});
