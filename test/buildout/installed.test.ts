import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import {
  formatInstalled,
  type Installed,
  InstalledFile,
  parseInstalled,
} from "../../src/buildout/installed.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "installed-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function installed(options: Record<string, string>, paths: string[] = []): Installed {
  const part = { options: new Map(Object.entries(options)), paths, signature: "demo-1" };
  return { developEggs: [], parts: new Map([["a", part]]) };
}

test("the file is in zc.buildout's notation", () => {
  const record = installed({ recipe: "demo", list: "x\nz" }, [
    "parts/demo",
    "parts/demo/paster.ini",
  ]);
  expect(formatInstalled(record)).toBe(
    [
      "[buildout]",
      "installed_develop_eggs = ",
      "parts = a",
      "",
      "[a]",
      "__buildout_installed__ = parts/demo",
      "\tparts/demo/paster.ini",
      "__buildout_signature__ = demo-1",
      "list = x",
      "\tz",
      "recipe = demo",
      "",
    ].join("\n"),
  );
});

test("blanks that zc.buildout's parser would strip are marked", () => {
  expect(formatInstalled(installed({ multi: "one\n  two\n\nthree", ends: " x " }))).toContain(
    [
      "ends = %(__buildout_space__)sx%(__buildout_space__)s",
      "multi = one",
      "\t%(__buildout_space__)s%(__buildout_space__)stwo",
      "\t%(__buildout_space_n__)sthree",
      "",
    ].join("\n"),
  );
});

test.each([
  ["empty", ""],
  ["a leading newline", "\nx"],
  ["a trailing newline", "x\n"],
  ["only newlines", "\n\n\n"],
  ["indented lines", "one\n    two\n  three"],
  ["blank lines", "one\n\n\ntwo"],
  ["blanks at both ends", "  x  "],
  ["lines that look like comments or sections", "a\n# b\n; c\n[d]\ne = f"],
  ["an equals sign", "a=b = c"],
  ["form feed and vertical tab", "\f\vx\f"],
  ["letters beyond ASCII", "größe\u2028日本"],
])("a value with %s comes back as it was", (_, value) => {
  const back = parseInstalled(formatInstalled(installed({ value })));
  expect(back.parts.get("a")?.options.get("value")).toBe(value);
});

test("a file that zc.buildout has appended to is read as it means", () => {
  const text = `${formatInstalled(installed({ recipe: "demo" }))}\n[buildout]\nparts = \n\n[buildout]\nparts = a b\n`;
  const back = parseInstalled(
    `${text}\n[b]\n__buildout_installed__ = \n__buildout_signature__ = s\n`,
  );
  expect([...back.parts.keys()]).toEqual(["a", "b"]);
});

test("option names such as __proto__ are ordinary", () => {
  const options = new Map([
    ["__proto__", "x"],
    ["constructor", "y"],
  ]);
  const record = {
    developEggs: [],
    parts: new Map([["a", { options, paths: [], signature: "" }]]),
  };
  expect(parseInstalled(formatInstalled(record)).parts.get("a")?.options).toEqual(options);
});

test("nothing installed leaves no file; no file name leaves nothing", () => {
  const path = join(folder, ".installed.cfg");
  const file = new InstalledFile(path);
  file.save(installed({ recipe: "demo" }));
  expect(readFileSync(path, "utf8")).toContain("parts = a");
  file.save({ developEggs: [], parts: new Map() });
  expect(existsSync(path)).toBe(false);
  new InstalledFile(undefined).save(installed({ recipe: "demo" }));
  expect(new InstalledFile(undefined).read().parts.size).toBe(0);
});
