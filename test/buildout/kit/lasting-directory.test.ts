import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { lastingDirectory } from "../../../src/buildout/kit/lasting-directory.ts";
import { scratch } from "../../support/scratch.ts";

test("an atomic release is named after the link to it, every other directory after itself", () => {
  const path = scratch();
  const release = (number: string) => join(path, "releases", number);
  mkdirSync(join(path, ".hostout/releases/12"), { recursive: true });
  expect(lastingDirectory({ place: release("12") })).toBe(release("12"));
  writeFileSync(join(path, ".hostout/releases/12/directory"), "made\n");
  expect(lastingDirectory({ place: release("12") })).toBe(join(path, "current"));
  for (const other of [release("1"), release("012"), release("12/parts"), path, "/"]) {
    expect(lastingDirectory({ place: other })).toBe(other);
  }
});
