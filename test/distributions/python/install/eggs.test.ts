/** Eggs, as zc.buildout and setuptools made them before there were wheels. */
import { execFileSync } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { installPythonDistributions } from "../../../../src/distributions/python/install/install-distributions.ts";
import { readInterpreter } from "../../../../src/distributions/python/interpreter.ts";
import { searchPath } from "../../../../src/distributions/python/python-distribution.ts";
import { readEntryPoints } from "../../../../src/distributions/python/scripts/entry-points.ts";
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

/** find-links with the requirements of the egg. */
function links(): string {
  const folder = scratch();
  writeWheel(folder, "lib", "1.0");
  writeWheel(folder, "nicer", "2.0");
  return folder;
}

const NEEDED = ["my-egg 1.2", "nicer 2.0", "lib 1.0"];

test.each([
  ["an archive", (folder: string) => eggArchive(folder)],
  ["a directory", (folder: string) => eggDirectory(folder)],
])("%s in a directory of find-links is found, with what it needs", async (_, make) => {
  const folder = links();
  make(folder);
  const { install } = workspace(scratch());
  expect((await install(["my-egg[nice]"], { findLinks: [folder] })).sort()).toEqual(
    [...NEEDED].sort(),
  );
});

test("an egg can be added to an existing installation", async () => {
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

test.each([
  ["an archive", (folder: string) => eggArchive(folder)],
  ["a directory", (folder: string) => eggDirectory(folder)],
])("%s in the eggs directory is used as it is, with what it needs", async (_, make) => {
  const { install, eggs, request } = workspace(scratch());
  const egg = make(eggs);
  const findLinks = [links()];
  expect(await install(["my-egg[nice]"], { findLinks, newest: false })).toEqual([
    "my-egg 1.2",
    "nicer 2.0",
    "lib 1.0",
  ]);
  const found = await installPythonDistributions(
    request({ requirements: ["my-egg[nice]"], offline: true, newest: false }),
  );
  const env = { PYTHONPATH: searchPath(found).join(":") };
  const code = "import my_egg; my_egg.main(); print(my_egg.__file__)";
  expect(execFileSync(PYTHON, ["-c", code], { env, encoding: "utf8" })).toBe(
    `from an egg\n${egg}/my_egg.py\n`,
  );
  expect([...readEntryPoints(found[0]!).get("console_scripts")!.keys()]).toEqual(["my-egg"]);
});

test("an egg for another Python in the eggs directory is named", async () => {
  const { failure, eggs } = workspace(scratch());
  const egg = eggArchive(eggs, "2.7");
  const { hint } = await failure(["my-egg"]);
  expect(hint).toContain(`${egg} is not used: it is for Python 2.7, not ${python}.`);
});

test("an egg keeps its name when it is installed", async () => {
  const folder = links();
  eggArchive(folder);
  const { install, installed } = workspace(scratch());
  await install(["my-egg"], { findLinks: [folder] });
  expect(installed()).toContain(nameFor(python));
  expect(await install(["my-egg"], { offline: true, newest: false })).toHaveLength(2);
});

/** The URL of a web server with the files of a directory, linked on each page. */
async function pages(folder: string, hash = ""): Promise<string> {
  const names = readdirSync(folder);
  const links = names.map((name) => `<a href="/${name}${hash}">${name}</a><br>`).join("\n");
  const server = createServer((request, response) => {
    const name = names.find((one) => request.url === `/${one}`);
    // pip reads no page without a content type.
    if (name === undefined) response.setHeader("Content-Type", "text/html");
    response.end(name === undefined ? links : readFileSync(join(folder, name)));
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
}

describe("an egg on a web page", () => {
  test("of find-links is used if nothing else is there", async () => {
    const folder = links();
    eggArchive(folder);
    const { install, installed } = workspace(scratch());
    const given = { findLinks: [await pages(folder)] };
    expect(await install(["my-egg[nice]"], given)).toEqual(NEEDED);
    expect(installed()).toContain(nameFor(python));
  });

  test("of an index is used, also if a pin wants it", async () => {
    const folder = scratch();
    eggArchive(folder);
    const { install } = workspace(await pages(folder));
    const given = { findLinks: [links()], versions: { "my-egg": "1.2" } };
    expect(await install(["my-egg"], given)).toEqual(["my-egg 1.2", "lib 1.0"]);
  });

  test("that differs from its checksum on the page is refused", async () => {
    const folder = links();
    eggArchive(folder);
    const { failure } = workspace(scratch());
    const findLinks = [await pages(folder, "#sha256=00")];
    expect(await failure(["my-egg"], { findLinks })).toMatchObject({ code: "hash-mismatch" });
  });

  test("for another Python is named, and why it is not used", async () => {
    const folder = links();
    eggArchive(folder, "2.7");
    const { failure } = workspace(scratch());
    const page = await pages(folder);
    const { hint } = await failure(["my-egg"], { findLinks: [page] });
    const egg = `${page}${nameFor("2.7")}`;
    expect(hint).toContain(`${egg} is not used: it is for Python 2.7, not ${python}.`);
  });
});

test("a file named like an egg that is not one does no harm", async () => {
  const folder = links();
  writeFileSync(join(folder, nameFor(python)), "nonsense");
  const { install } = workspace(scratch());
  expect(await install(["lib"], { findLinks: [folder] })).toEqual(["lib 1.0"]);
});
