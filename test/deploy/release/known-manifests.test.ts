import { readdirSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { parseManifest } from "../../../src/deploy/host/entry.ts";
import { madeFile } from "../../../src/deploy/release/fileset.ts";
import { KnownManifests } from "../../../src/deploy/release/known-manifests.ts";
import { manifestText } from "../../../src/deploy/release/manifest.ts";
import { scratch } from "../../support/scratch.ts";

const id = (number: number) => String(number).padStart(12, "0");
const text = (number: number) => manifestText(id(number), [madeFile("a", "1"), madeFile("b", "2")]);

test("a manifest that was kept is known", () => {
  const manifests = new KnownManifests(scratch());
  manifests.keep(id(1), text(1));
  expect(manifests.read(id(1))).toEqual(parseManifest(text(1)));
  expect(manifests.read(id(2))).toBeUndefined();
});

test.each([
  ["without its end", text(1).split("\n").slice(0, 3).join("\n")],
  ["without anything", ""],
  ["of another release", text(2)],
])("a manifest %s is not known", (_, content) => {
  const folder = scratch();
  const manifests = new KnownManifests(folder);
  manifests.keep(id(1), text(1));
  writeFileSync(join(folder, "manifests", id(1)), content);
  expect(manifests.read(id(1))).toBeUndefined();
});

test("only the newest are kept", () => {
  const folder = scratch();
  const manifests = new KnownManifests(folder);
  for (let number = 1; number <= 25; number++) {
    manifests.keep(id(number), text(number));
    utimesSync(join(folder, "manifests", id(number)), number, number);
  }
  expect(readdirSync(join(folder, "manifests")).sort()[0]).toBe(id(6));
});

test("the newest is read ahead", () => {
  const folder = scratch();
  const manifests = new KnownManifests(folder);
  manifests.readAhead();
  for (const number of [1, 2]) {
    manifests.keep(id(number), text(number));
    utimesSync(join(folder, "manifests", id(number)), 3 - number, 3 - number);
  }
  manifests.readAhead();
  rmSync(join(folder, "manifests"), { recursive: true });
  expect(manifests.read(id(1))).toEqual(parseManifest(text(1)));
  expect(manifests.read(id(2))).toBeUndefined();
});

test("a directory that cannot be written to is no obstacle", () => {
  const folder = scratch();
  writeFileSync(join(folder, "manifests"), "");
  const manifests = new KnownManifests(folder);
  manifests.keep(id(1), text(1));
  expect(manifests.read(id(1))).toBeUndefined();
  rmSync(join(folder, "manifests"));
});
