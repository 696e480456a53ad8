import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { expect, test } from "vitest";
import { nativeRecipes } from "../../recipes/index.ts";
import { lint } from "../../src/buildout/lint/lint.ts";
import { annotateCommand } from "../../src/cli/buildout/annotate.ts";
import { configCommand } from "../../src/cli/buildout/config.ts";
import type { Configuration } from "../../src/config/merge/configuration.ts";
import { load } from "../../src/config/merge/load.ts";
import { BuildoutError } from "../../src/errors/error.ts";

const NAMES = ["__proto__", "constructor", "toString", "hasOwnProperty", "valueOf", "a"];
const name = fc.constantFrom(...NAMES);
const value = fc.oneof(
  fc.constantFrom("1", "", "\n  x\n  y", "hostout:node", "some.recipe"),
  fc.tuple(name, name).map(([section, option]) => `\${${section}:${option}}`),
);
const line = fc.oneof(
  fc
    .tuple(name, fc.constantFrom(" = ", " += ", "+=", " -= "), value)
    .map((parts) => parts.join("")),
  name.map((section) => `[${section}]`),
  name.map((section) => `<= ${section}`),
  name.map((section) => `=> ${section}`),
  value.map((text) => `recipe = ${text}`),
);
const text = fc
  .tuple(
    fc.subarray(NAMES),
    fc.constantFrom("versions", "__proto__", ""),
    fc.array(line, { maxLength: 14 }),
  )
  .map(
    ([parts, versions, lines]) =>
      `[buildout]\nparts = ${parts.join(" ")}\nversions = ${versions}\n[versions]\n[__proto__]\n${lines.join("\n")}\n`,
  );

test("names such as __proto__ are ordinary in annotate, config and lint, in JSON too", async () => {
  const directory = mkdtempSync(join(tmpdir(), "buildout-properties-"));
  mkdirSync(join(directory, "parts"));
  const before = Object.getOwnPropertyNames(Object.prototype);
  try {
    await fc.assert(
      fc.asyncProperty(text, async (source) => {
        writeFileSync(join(directory, "buildout.cfg"), source);
        const errors: BuildoutError[] = [];
        let configuration: Configuration;
        try {
          configuration = await load({
            ...{ directory, file: "buildout.cfg", assignments: [], userDefaults: false },
            env: { HOME: directory },
            onError: (error) => errors.push(error),
          });
          const annotated = JSON.parse([...annotateCommand(configuration, [], true)].join(""));
          for (const [section, options] of configuration.annotated) {
            expect(Object.hasOwn(annotated, section)).toBe(true);
            expect(Object.keys(annotated[section]).sort()).toEqual([...options.keys()].sort());
          }
        } catch (error) {
          if (!(error instanceof BuildoutError)) throw error;
          return;
        }
        const sections = JSON.parse(configCommand(configuration, [], true).text);
        expect(Object.keys(sections).sort()).toEqual([...configuration.sections.keys()].sort());
        const recipes = nativeRecipes;
        const findings = await lint({ configuration, errors, recipes, directory });
        for (const { code, message } of findings) expect(code && message).toEqual(message);
      }),
      { numRuns: 400 },
    );
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
  expect(Object.getOwnPropertyNames(Object.prototype)).toEqual(before);
});
