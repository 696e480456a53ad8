import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { ConfigurationFiles, resolved } from "../support/configuration-files.ts";

const page = readFileSync(new URL("../../docs/language.md", import.meta.url), "utf8");
const EXAMPLE = /```ini\n([\s\S]*?)```\n\n```json\n([\s\S]*?)```/g;
const FILE = /^; file: (.*)\n/m;

const examples = [...page.matchAll(EXAMPLE)].map(([, files, values]) => [files!, values!]);

it("has an example for each rule", () => {
  expect(examples.length).toBeGreaterThan(15);
  expect(page.match(/```ini/g)).toHaveLength(examples.length);
});

it.each(examples)("docs/language.md: %s", async (text, values) => {
  const parts = text.split(FILE);
  const workspace = new ConfigurationFiles({ "buildout.cfg": parts[0]! });
  for (let i = 1; i < parts.length; i += 2) workspace.write(parts[i]!, parts[i + 1]!);
  const configuration = await workspace.load();
  for (const [section, options] of Object.entries(JSON.parse(values))) {
    expect(resolved(configuration, section)).toEqual(options);
  }
});
