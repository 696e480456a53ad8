// CHANGELOG.md in the form of https://keepachangelog.com/en/1.1.0/.
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";

const read = (name: string) => readFileSync(new URL(`../../${name}`, import.meta.url), "utf8");
const [head, ...releases] = read("CHANGELOG.md").split(/^## /m);

test("lists unreleased changes first, then releases with their dates, each with a link", () => {
  expect(head).toMatch(/^# Changelog\n/);
  const titles = releases.map((text) => text.split("\n")[0]!);
  expect(titles[0]).toBe("[Unreleased]");
  for (const title of titles.slice(1)) {
    expect(title).toMatch(/^\[\d+\.\d+\.\d+(-\w+\.\d+)?\] - \d{4}-\d\d-\d\d$/);
  }
  for (const title of titles) {
    const [name] = /\[.*?\]/.exec(title)!;
    expect(releases.at(-1)).toContain(`\n${name}: https://github.com/`);
  }
});

test("has its entries by kind", () => {
  const kinds = ["Added", "Changed", "Deprecated", "Removed", "Fixed", "Security"];
  for (const text of releases) {
    const found = [...text.matchAll(/^### (.*)$/gm)].map(([, kind]) => kind!);
    expect(found).toEqual(kinds.filter((kind) => found.includes(kind)));
    expect(text.split(/^### /m)[0]).not.toMatch(/^- /m);
  }
});
