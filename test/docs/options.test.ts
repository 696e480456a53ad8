// The options of [buildout] in docs/language.md are those that the engine knows.
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { DEFAULT_OPTION_NAMES } from "../../src/config/merge/defaults.ts";

const read = (name: string) => readFileSync(new URL(`../../${name}`, import.meta.url), "utf8");

test("docs/language.md has every option of [buildout], and no other", () => {
  const [, chapter = ""] = read("docs/language.md").split("\n## The section [buildout]\n");
  const cells = [...chapter.split("\n## ")[0]!.matchAll(/^\| (`.*?) \|/gm)].map(
    ([, cell]) => cell!,
  );
  const shown = cells.flatMap((cell) => [...cell.matchAll(/`([^`]+)`/g)].map(([, name]) => name!));
  const [, table = ""] = /BUILDOUT_OPTIONS = \[([^\]]*)\]/.exec(
    read("src/buildout/lint/unused.ts"),
  )!;
  const others = [...table.matchAll(/"([\w-]+)"/g)].map(([, name]) => name!);
  expect(others).toContain("develop");
  // Extended files are merged before options are read.
  const files = ["extends", "optional-extends"];
  expect(shown.sort()).toEqual([...DEFAULT_OPTION_NAMES, ...others, ...files].sort());
});
