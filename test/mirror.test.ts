import { existsSync, readdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { SLOW } from "./kinds.ts";

const root = fileURLToPath(new URL("..", import.meta.url));

/** Directories of tests other than the rooms of src/ and the recipes. */
const BESIDE = [
  "bench",
  "docs",
  "e2e",
  "faults",
  "layers",
  "parity",
  "support",
  "transcripts",
  "types",
];

test("tests are in the same place as the tested files", () => {
  const folders = readdirSync(join(root, "test"), { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".test.ts") && name.includes("/"))
    .map(dirname)
    .filter((folder) => !BESIDE.includes(folder.split("/")[0]!));
  const tested = (folder: string) =>
    folder.split("/")[0] === "recipes" ? folder : join("src", folder);
  const astray = folders.filter((folder) => !existsSync(join(root, tested(folder))));
  expect([...new Set(astray)]).toEqual([]);
});

/** Directories of src/ without tests in a directory of the same name, and the tests for them. */
const TESTED_BY: Record<string, string[]> = {
  "buildout/kit/archive": ["buildout/kit"],
  "buildout/secrets": ["cli", "e2e"],
  "buildout/secrets/age": ["cli/hostout"],
  "cli/hostout/secrets": ["cli/hostout"],
  "cli/json": ["cli"],
  "cli/options": ["cli/buildout", "cli/hostout"],
  "cli/terminal": ["e2e"],
  contract: ["types"],
  "deploy/commands": ["e2e"],
  "deploy/fabfile": ["e2e"],
  distributions: ["distributions/node", "distributions/python/install"],
  "distributions/python/installers": ["distributions/python/install"],
  "errors/codes": ["errors"],
  events: ["report", "cli"],
  program: ["e2e"],
  "ssh/commands/programs": ["ssh/commands"],
  "ssh/sandbox": ["ssh"],
};

test("every directory of src/ has its tests, or says where they are", () => {
  const has = (folder: string, ending: string) =>
    existsSync(join(root, folder)) &&
    readdirSync(join(root, folder)).some((name) => name.endsWith(ending));
  const folders = readdirSync(join(root, "src"), { recursive: true, encoding: "utf8" }).filter(
    (name) => !name.includes(".") && has(join("src", name), ".ts"),
  );
  const without = folders.filter((folder) => !has(join("test", folder), ".test.ts"));
  expect(without.sort()).toEqual(Object.keys(TESTED_BY).sort());
  const missing = Object.values(TESTED_BY)
    .flat()
    .filter((folder) => !has(join("test", folder), ".test.ts"));
  expect(missing).toEqual([]);
});

test("files listed as slow exist", () => {
  expect(SLOW.filter((name) => !existsSync(join(root, "test", name)))).toEqual([]);
});
