import { expect, test } from "vitest";
import { parseManifest } from "../../../src/deploy/host/entry.ts";
import { madeFile } from "../../../src/deploy/release/fileset.ts";
import { compare, entryLine, manifestText } from "../../../src/deploy/release/manifest.ts";

const file = (path: string, text = path) => madeFile(path, text);
const directory = { ...file("d"), kind: "directory", mode: 0o755, hash: "-" } as const;

test("a manifest is read as it was written", () => {
  const files = [file("a b/c\\d"), file("-x"), directory];
  const read = parseManifest(manifestText("0123456789ab", files));
  expect([...read.keys()]).toEqual(["a b/c\\d", "-x", "d"]);
  expect(compare(files, read, entryLine)).toEqual({ added: [], changed: [], removed: [] });
});

const hash = "0".repeat(64);

test.each([
  `file 644 ${hash} ../x`,
  `file 644 ${hash} a/../x`,
  `file 644 ${hash} /x`,
  `file 644 ${hash} a//x`,
  `file 644 ${hash} ./x`,
  `file 644 ${hash} `,
  `file 644 ${hash.slice(1)} x`,
  `file 999 ${hash} x`,
  `pipe 644 ${hash} x`,
  `directory 755 ${hash} x`,
  "release 0123456789ab",
])("%s is not an entry", (line) => {
  expect([...parseManifest(`${line}\nfile 644 ${hash} x\n`).keys()]).toEqual(["x"]);
});

test("content, kind and mode count as changes", () => {
  const before = [file("same"), file("text", "1"), file("mode"), file("kind"), file("gone")];
  const after = [
    file("same"),
    file("text", "2"),
    { ...file("mode"), mode: 0o755 },
    { ...directory, path: "kind" },
    file("new"),
  ];
  const { added, changed, removed } = compare(
    after,
    parseManifest(manifestText("0123456789ab", before)),
    entryLine,
  );
  expect(added.map(({ path }) => path)).toEqual(["new"]);
  expect(changed.map(({ path }) => path)).toEqual(["text", "mode", "kind"]);
  expect(removed).toEqual(["gone"]);
});
