/** Eggs, as zc.buildout and setuptools made them before there were wheels. */
import { execFileSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { readInterpreter } from "../../../../src/distributions/python/interpreter.ts";
import { PYTHON, workspace } from "../../../support/python-workspace.ts";
import { scratch, writeFiles } from "../../../support/scratch.ts";
import { writeWheel } from "../../../support/wheel.ts";

const { version: python } = readInterpreter(PYTHON, "/");

const nameFor = (version: string) => `my_egg-1.2-py${version}.egg`;

/** A directory with an egg that needs `lib`, and with an extra `nice` also `nicer`. */
function eggDirectory(folder: string, version = python): string {
  writeFiles(join(folder, nameFor(version)), {
    "my_egg.py": "def main(): print('from an egg')\n",
    "EGG-INFO/PKG-INFO": "Metadata-Version: 1.0\nName: my-egg\nVersion: 1.2\nSummary: old\n",
    "EGG-INFO/requires.txt": "lib>=1\n\n[nice]\nnicer\n\n[:python_version < '3']\nother\n",
    "EGG-INFO/entry_points.txt": "[console_scripts]\nmy-egg = my_egg:main\n",
    "EGG-INFO/zip-safe": "\n",
  });
  return join(folder, nameFor(version));
}

/** The same as an archive, in `into`. */
function eggArchive(into: string, version = python): string {
  const egg = eggDirectory(scratch(), version);
  mkdirSync(into, { recursive: true });
  const file = join(into, nameFor(version));
  const code = "import shutil, sys; shutil.make_archive(sys.argv[1], 'zip', sys.argv[2])";
  execFileSync(PYTHON, ["-c", code, file, egg]);
  execFileSync("mv", [`${file}.zip`, file]);
  return file;
}

/** find-links with what the egg needs. */
function links(): string {
  const folder = scratch();
  writeWheel(folder, "lib", "1.0");
  writeWheel(folder, "nicer", "2.0");
  return folder;
}

const NEEDED = ["my-egg 1.2", "lib 1.0", "nicer 2.0"];

test.each([
  ["an archive", (folder: string) => eggArchive(folder)],
  ["a directory", (folder: string) => eggDirectory(folder)],
])("%s in a directory of find-links is found, with what it needs", async (_, make) => {
  const folder = links();
  make(folder);
  const { install } = workspace(scratch());
  expect((await install(["my-egg[nice]"], { findLinks: [folder] })).sort()).toEqual(NEEDED.sort());
});

test("an egg joins what is there already", async () => {
  const folder = links();
  const { install } = workspace(scratch());
  await install(["lib"], { findLinks: [folder] });
  eggArchive(folder);
  expect((await install(["my-egg"], { findLinks: [folder] })).sort()).toEqual([
    "lib 1.0",
    "my-egg 1.2",
  ]);
});

test("an egg that find-links names itself is found", async () => {
  const egg = eggArchive(scratch());
  const { install } = workspace(scratch());
  expect(await install(["my-egg"], { findLinks: [links(), egg] })).toEqual([
    "my-egg 1.2",
    "lib 1.0",
  ]);
});

test("an egg for another Python is named, and why it is not used", async () => {
  const egg = eggArchive(scratch(), "2.7");
  const { failure } = workspace(scratch());
  const { code, hint } = await failure(["my-egg"], { findLinks: [egg] });
  expect(code).toBe("package-not-found");
  expect(hint).toContain(`${egg} is not used: it is for Python 2.7, not ${python}.`);
});

test("an archive in the eggs directory is named, with the way out", async () => {
  const { failure, eggs } = workspace(scratch());
  const egg = eggArchive(eggs);
  const { hint } = await failure(["my-egg"]);
  expect(hint).toContain(`${egg} is not used: it is an archive: unpack it`);
});

test("what is no egg, though it is called so, hinders nothing", async () => {
  const folder = links();
  writeFileSync(join(folder, nameFor(python)), "nonsense");
  const { install } = workspace(scratch());
  expect(await install(["lib"], { findLinks: [folder] })).toEqual(["lib 1.0"]);
});
