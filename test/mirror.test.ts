import { existsSync, readdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { SLOW } from "./kinds.ts";

const root = fileURLToPath(new URL("..", import.meta.url));

/** What tests have beside the rooms of src/ and the recipes. */
const BESIDE = ["bench", "docs", "e2e", "layers", "parity", "support", "transcripts", "types"];

test("a test lies where what it tests lies", () => {
  const folders = readdirSync(join(root, "test"), { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".test.ts") && name.includes("/"))
    .map(dirname)
    .filter((folder) => !BESIDE.includes(folder.split("/")[0]!));
  const tested = (folder: string) =>
    folder.split("/")[0] === "recipes" ? folder : join("src", folder);
  const astray = folders.filter((folder) => !existsSync(join(root, tested(folder))));
  expect([...new Set(astray)]).toEqual([]);
});

test("what is listed as slow is there", () => {
  expect(SLOW.filter((name) => !existsSync(join(root, "test", name)))).toEqual([]);
});
