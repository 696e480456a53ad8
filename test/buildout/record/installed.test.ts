import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterEach, beforeEach, expect, test } from "vitest";
import {
  formatInstalled,
  type Installed,
  InstalledFile,
  parseInstalled,
} from "../../../src/buildout/record/installed.ts";

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

const NAMES = ["a", "x.y", "__proto__", "constructor", "toString", "<part-dependencies>", "größe"];
const CHARACTERS = [..."ab =#;[]%(:$\n\n\f\v-", "é", "%(__buildout_space__)s"];
/** Options with names and values of all kinds, parts with such names. */
const records = fc
  .uniqueArray(
    fc.tuple(
      fc.constantFrom(...NAMES.slice(0, 5)),
      fc.uniqueArray(
        fc.tuple(
          fc.constantFrom(...NAMES),
          fc.array(fc.constantFrom(...CHARACTERS), { maxLength: 12 }).map((all) => all.join("")),
        ),
        { selector: ([option]) => option, maxLength: 5 },
      ),
      fc.array(fc.constantFrom("parts/a", "bin/b c"), { maxLength: 2 }),
    ),
    { selector: ([part]) => part },
  )
  .map((parts) => ({
    developEggs: [],
    parts: new Map(
      parts.map(([name, options, paths]) => [
        name,
        { options: new Map(options), paths, signature: "s" },
      ]),
    ),
  }));

/** The values when read back: the marks themselves are read as blanks, as in zc.buildout. */
function remembered(record: Installed): [string, [string, string][]][] {
  return [...record.parts].map(([name, { options }]) => [
    name,
    [...options]
      .map(([option, value]): [string, string] => [
        option,
        value.replaceAll("%(__buildout_space__)s", " "),
      ])
      .sort(([a], [b]) => (a < b ? -1 : 1)),
  ]);
}

test("everything recorded can be read back", () => {
  fc.assert(
    fc.property(records, (record) => {
      const back = parseInstalled(formatInstalled(record));
      expect(remembered(back)).toEqual(remembered(record));
      for (const [name, { paths }] of record.parts) {
        expect(back.parts.get(name)?.paths).toEqual(paths);
      }
    }),
    { numRuns: 1000 },
  );
});

/** Reads such a file in the same way as zc.buildout. */
const READER = `
import json, sys
answers = []
for text in json.load(open(sys.argv[1], encoding="utf-8")):
    sections, options, name = {}, None, None
    for line in text.split("\\n"):
        if line[:1] in ("#", ";"):
            continue
        if not line or line[0].isspace():
            if name is not None and line.strip():
                options[name] += "\\n" + line.strip()
        elif line[0] == "[" and line.endswith("]"):
            options, name = sections.setdefault(line[1:-1], {}), None
        else:
            name, value = line.split("=", 1)
            name = name.rstrip()
            options[name] = value.strip()
    for options in sections.values():
        for name, value in options.items():
            for mark, blank in ("", " "), ("_n", "\\n"), ("_r", "\\r"), ("_f", "\\f"), ("_v", "\\v"):
                value = value.replace("%(__buildout_space" + mark + "__)s", blank)
            options[name] = value
    answers.append([[part, sorted(sections[part].items())] for part in sections["buildout"]["parts"].split()])
json.dump(answers, sys.stdout)
`;
const python = spawnSync("python3", ["-c", ""]).status === 0;

test.skipIf(!python)(
  `Python's reading gives the same values${python ? "" : " (skipped: no python3)"}`,
  () => {
    const samples = fc.sample(records, 300);
    const file = join(folder, "samples.json");
    writeFileSync(file, JSON.stringify(samples.map(formatInstalled)));
    writeFileSync(join(folder, "reader.py"), READER);
    const { stdout, stderr } = spawnSync("python3", [join(folder, "reader.py"), file], {
      encoding: "utf8",
    });
    expect(stderr).toBe("");
    const own = ([name]: [string, string]) => !name.startsWith("__buildout_");
    const found = (JSON.parse(stdout) as [string, [string, string][]][][]).map((parts) =>
      parts.map(([part, options]) => [
        part,
        options.filter(own).sort(([a], [b]) => (a < b ? -1 : 1)),
      ]),
    );
    expect(found).toEqual(samples.map(remembered));
  },
);

test("a file to which zc.buildout has appended is read in the same way", () => {
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
