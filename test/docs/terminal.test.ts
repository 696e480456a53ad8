// The pictures of a terminal; test/e2e/demo.test.ts checks that they show the output of the demonstration.
import { readFileSync, statSync } from "node:fs";
import { expect, test } from "vitest";

const image = (name: string) => new URL(`../../docs/images/${name}`, import.meta.url);
const recorded = readFileSync(image("terminal.txt"), "utf8");
const SIGNS: Record<string, string> = { amp: "&", lt: "<", gt: ">" };

test.each(["terminal-light.svg", "terminal-dark.svg"])(
  "%s has the text of the recording",
  (name) => {
    const svg = readFileSync(image(name), "utf8");
    const lines = [...svg.matchAll(/<text [^>]*>(.*)<\/text>/g)].map(([, line]) =>
      line!.replaceAll(/<[^>]*>/g, "").replaceAll(/&(\w+);/g, (_, sign) => SIGNS[sign]!),
    );
    expect(lines).toEqual(recorded.split("\n").filter((line) => line !== ""));
    expect(statSync(image(name)).size).toBeLessThan(60_000);
  },
);

test("README.md shows them, light and dark", () => {
  const readme = readFileSync(new URL("../../README.md", import.meta.url), "utf8");
  expect(readme).toMatch(/prefers-color-scheme: dark\)" srcset="docs\/images\/terminal-dark\.svg"/);
  expect(readme).toContain('<img src="docs/images/terminal-light.svg"');
});
