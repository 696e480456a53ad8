// docs/tutorial.md from its first step to its last, for Node and for Python.
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { readBlocks } from "../support/documentation.ts";
import { indexMissing, type PackageIndex, startPackageIndex } from "../support/index-server.ts";
import { PageRun } from "../support/page-run.ts";
import { freePort } from "../support/servers.ts";

const page = readFileSync(
  join(fileURLToPath(new URL("../..", import.meta.url)), "docs/tutorial.md"),
  "utf8",
);
/** Without the last section, whose host does not exist. */
const [steps = ""] = page.split("\n## Deploy to a real host\n");

/** The steps for one language: the section of the other one is left out. */
const stepsFor = (other: string) =>
  steps.replace(new RegExp(`\n### In ${other}\n[\\s\\S]*?(?=\n##)`), "");

const variants = [
  { language: "Node", page: stepsFor("Python"), missing: undefined },
  {
    language: "Python",
    // According to the page, the other file is to be edited.
    page: stepsFor("Node").replace("src/hello/hello.js\n", "src/hello/hello.py\n"),
    missing: indexMissing,
  },
];

describe.each(variants)("docs/tutorial.md in $language", ({ language, page: text, missing }) => {
  const blocks = readBlocks(text);
  let run: PageRun;
  let index: PackageIndex | undefined;

  beforeAll(async () => {
    const [ssh, http] = [String(await freePort()), String(await freePort())];
    run = new PageRun("tutorial", { project: "hello", start: "." }, (scratch) => [
      ["/home/me/hello", join(scratch, "hello")],
      ["/tmp/sandbox", join(scratch, "sandbox")],
      ["2222", ssh],
      ["8090", http],
    ]);
    if (language !== "Python" || missing) return;
    index = await startPackageIndex({ only: ["setuptools", "wheel"] });
    for (const home of [run.scratch, join(run.scratch, "sandbox")]) {
      const file = join(home, ".config/pip/pip.conf");
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, `[global]\nindex-url = ${index.url}\n`);
    }
    run.env.PIP_CONFIG_FILE = join(run.scratch, ".config/pip/pip.conf");
    run.env.PIP_INDEX_URL = index.url;
  });

  afterAll(async () => {
    await run?.close();
    await index?.close();
  });

  test("each text has a file", () => {
    expect(blocks.length).toBeGreaterThan(12);
    const texts = blocks.filter((block) => block.language !== "console");
    expect(texts.filter(({ file }) => file === undefined)).toEqual([]);
  });

  test.skipIf(missing).each(blocks)("block $title", async (block) => {
    if (block.language === "console") await run.check(block);
    else run.write(block.file!, block.text);
  });
});
