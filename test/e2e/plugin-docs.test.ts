import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { readBlocks, typeErrors } from "../support/documentation.ts";
import { PageRun } from "../support/page-run.ts";
import { freePort } from "../support/servers.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const blocks = readBlocks(readFileSync(join(root, "docs/writing-plugins.md"), "utf8"));

let run: PageRun;

beforeAll(async () => {
  const port = String(await freePort());
  run = new PageRun("writing-plugins", { project: "project", start: "project" }, (scratch) => [
    ["/home/me/project", join(scratch, "project")],
    ["2222", port],
  ]);
});

afterAll(() => run?.close());

describe.sequential("docs/writing-plugins.md", () => {
  test("names the file of every text, and has commands that are run", () => {
    expect(blocks.length).toBeGreaterThan(12);
    for (const { language, file, title } of blocks) {
      if (language === "console") expect(file, title).toBeUndefined();
      else expect(file, title).toBeDefined();
    }
  });

  test.each(blocks)(
    "block $title",
    async (block) => {
      const { text, file, language } = block;
      if (language === "console") return run.check(block);
      // JSON has no comments.
      run.write(file!, language === "json" ? text.replace(/^.*\n/, "") : text);
    },
    120_000,
  );

  test("the published archive contains what a user needs, and no tests", () => {
    const installed = join(run.project, "node_modules/hostout-maintenance");
    expect(existsSync(join(installed, "fabfile.ts"))).toBe(true);
    expect(existsSync(join(installed, "test"))).toBe(false);
  });

  test("its TypeScript has no type errors", () => {
    const sources = blocks.filter(({ language }) => language === "ts");
    const files = sources.map(({ text }, index) => {
      writeFileSync(join(run.scratch, `fabfile${index}.ts`), text);
      return `fabfile${index}.ts`;
    });
    expect(typeErrors(run.scratch, files)).toBe("");
  });
});
