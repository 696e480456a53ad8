import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, test } from "vitest";
import { fnmatch } from "../../../recipes/download/fnmatch.ts";
import recipe from "../../../recipes/download/index.ts";
import { type Member, writeArchive } from "../../support/archives.ts";
import { project } from "../../support/engine-project.ts";

const PACKAGE: Member[] = [
  { name: "pkg-1/", mode: 0o755 },
  { name: "pkg-1/CHANGES.txt", data: "changes\n" },
  { name: "pkg-1/README.txt", data: "read me\n" },
  { name: "pkg-1/src/foo.txt", data: "foo\n", mode: 0o755 },
];

const md5 = (file: string) => createHash("md5").update(readFileSync(file)).digest("hex");

function part(options: string, members = PACKAGE, archive = "pkg-1.tgz") {
  const cfg = (more: string) =>
    `[buildout]\nparts = x\n[x]\nrecipe = hexagonit.recipe.download\nurl = \${buildout:directory}/${archive}\n${more}\n`;
  const p = project({ "buildout.cfg": cfg(options) }, { "hexagonit.recipe.download": recipe });
  writeArchive(p.path(archive), members);
  return { ...p, change: (more: string) => p.write("buildout.cfg", cfg(more)) };
}

describe("an archive", () => {
  test("is unpacked into the part's directory, which belongs to it", async () => {
    for (const archive of ["pkg-1.tgz", "pkg-1.zip"]) {
      const p = part("", PACKAGE, archive);
      expect((await p.run()).text).toBe("Installing x.\nx: Extracting package to /p/parts/x\n");
      expect(p.read("parts/x/pkg-1/src/foo.txt")).toBe("foo\n");
      expect(statSync(p.path("parts/x/pkg-1/src/foo.txt")).mode & 0o777).toBe(0o755);
      expect((await p.run()).text).toBe("Updating x.\n");
      p.write("buildout.cfg", "[buildout]\nparts =\n");
      await p.run();
      expect(p.has("parts/x")).toBe(false);
    }
  });

  test("sets the options that the original sets", async () => {
    const p = part("");
    await p.run();
    const installed = p.read(".installed.cfg").replaceAll(p.directory, "/p");
    for (const line of [
      "destination = /p/parts/x",
      "location = /p/parts/x",
      "strip-top-level-dir = false",
      "ignore-existing = false",
      "download-only = false",
      "hash-name = true",
      "on-update = false",
    ]) {
      expect(installed).toContain(`${line}\n`);
    }
  });

  test("loses its top directory with strip-top-level-dir", async () => {
    const p = part("strip-top-level-dir = Yes\ndestination = ${buildout:directory}/there");
    await p.run();
    expect(p.read("there/README.txt")).toBe("read me\n");
    expect(p.has("parts/x")).toBe(false);
  });

  test("with more than one at the top cannot lose it", async () => {
    const p = part("strip-top-level-dir = true", [...PACKAGE, { name: "other", data: "x" }]);
    expect((await p.run()).text).toBe(
      "Installing x.\nx: Unable to strip top level directory because there are more than one element " +
        "in the root of the package.\nWhile:\n  Installing x.\nError: Invalid package contents\n",
    );
    expect([p.has("parts/x"), p.has("parts/.x.unpack")]).toEqual([false, false]);
  });

  test("is unpacked without excluded members", async () => {
    const p = part("excludes =\n    pkg-*/CHANGES.txt\n    pkg-1/src*");
    expect((await p.run()).text).toBe(
      "Installing x.\nx: Excluding 2 file(s) matching the exclusion pattern.\nx: Extracting package to /p/parts/x\n",
    );
    expect(p.has("parts/x/pkg-1/README.txt")).toBe(true);
    expect([p.has("parts/x/pkg-1/CHANGES.txt"), p.has("parts/x/pkg-1/src")]).toEqual([
      false,
      false,
    ]);
  });

  test("must have the given checksum", async () => {
    const p = part("md5sum = 1234");
    expect((await p.run()).error?.message).toBe(
      `MD5 checksum mismatch for local resource at '${p.path("pkg-1.tgz")}'.`,
    );
    p.change(`md5sum = ${md5(p.path("pkg-1.tgz"))}`);
    expect((await p.run()).error).toBeUndefined();
  });

  test("of no known format is an error", async () => {
    const p = part("");
    p.write("pkg-1.tgz", "<html>");
    expect((await p.run()).text).toBe(
      "Installing x.\nx: Unable to extract the package /p/pkg-1.tgz. Unknown format.\n" +
        "While:\n  Installing x.\nError: Package extraction error\n",
    );
  });

  test("that leads outside its directory is refused", async () => {
    const p = part("", [...PACKAGE, { name: "../../evil", data: "x" }]);
    const { error } = await p.run();
    expect(error?.code).toBe("unsafe-archive");
    expect([p.has("evil"), p.has("parts/evil"), p.has("parts/x")]).toEqual([false, false, false]);
  });
});

describe("an existing file", () => {
  const options = "destination = ${buildout:directory}/there\nstrip-top-level-dir = true";

  test("is an error, and is kept", async () => {
    const p = part(options);
    p.write("there/src/mine", "mine");
    expect((await p.run()).text).toBe(
      "Installing x.\nx: Extracting package to /p/there\n" +
        "x: Target /p/there/src already exists. Either remove it or set ``ignore-existing = true`` in your " +
        "buildout.cfg to ignore existing files and directories.\n" +
        "While:\n  Installing x.\nError: File or directory already exists.\n",
    );
    expect([p.read("there/src/mine"), p.has("there/README.txt")]).toEqual(["mine", false]);
  });

  test("is skipped with ignore-existing, and is kept when the part is removed", async () => {
    const p = part(`${options}\nignore-existing = true`);
    p.write("there/src/mine", "mine");
    expect((await p.run()).text).toBe(
      "Installing x.\nx: Extracting package to /p/there\nx: Ignoring existing target: /p/there/src\n",
    );
    expect([p.has("there/src/foo.txt"), p.has("there/README.txt")]).toEqual([false, true]);
    p.write("buildout.cfg", "[buildout]\nparts =\n");
    await p.run();
    expect([p.has("there/README.txt"), p.read("there/src/mine")]).toEqual([false, "mine"]);
  });
});

describe("download-only", () => {
  test("keeps the file itself, under its own or another name", async () => {
    const p = part("download-only = true");
    expect((await p.run()).text).toBe("Installing x.\n");
    expect(md5(p.path("parts/x/pkg-1.tgz"))).toBe(md5(p.path("pkg-1.tgz")));
    p.change("download-only = true\nfilename = other\nmode = 0600\n");
    await p.run();
    expect(p.has("parts/x/pkg-1.tgz")).toBe(false);
    expect(statSync(p.path("parts/x/other")).mode & 0o777).toBe(0o600);
  });

  test("owns nothing but the file in a directory that was there", async () => {
    const p = part("download-only = true\ndestination = there");
    mkdirSync(p.path("there"));
    await p.run();
    expect(p.read(".installed.cfg")).toContain("__buildout_installed__ = there/pkg-1.tgz\n");
  });

  test("does it again with on-update", async () => {
    const p = part("download-only = true\non-update = on");
    await p.run();
    writeFileSync(p.path("pkg-1.tgz"), "new");
    await p.run();
    expect(p.read("parts/x/pkg-1.tgz")).toBe("new");
  });

  test("needs a name and a mode that is one", async () => {
    const p = part("download-only = true\nmode = rw");
    expect((await p.run()).error).toMatchObject({ code: "invalid-value", location: { line: 7 } });
    p.write(
      "buildout.cfg",
      "[buildout]\nparts = x\n[x]\nrecipe = hexagonit.recipe.download\nurl = ./\ndownload-only = 1\n",
    );
    expect((await p.run()).error).toMatchObject({ code: "missing-option", hint: /filename/ });
  });
});

test("the cache keeps it, by a hash of its URL or under its name", async () => {
  for (const [option, name] of [
    ["", (url: string) => createHash("md5").update(url).digest("hex")],
    ["hash-name = false", () => "pkg-1.tgz"],
  ] as const) {
    const p = part(option);
    mkdirSync(p.path("cache"));
    await p.run({ assignments: ["buildout:download-cache=cache"] });
    expect(p.has(path.join("cache", name(p.path("pkg-1.tgz"))))).toBe(true);
  }
});

test("url is required", async () => {
  const p = project(
    { "buildout.cfg": "[buildout]\nparts = x\n[x]\nrecipe = hexagonit.recipe.download\n" },
    { "hexagonit.recipe.download": recipe },
  );
  expect((await p.run()).error?.message).toBe("Missing option: x:url");
});

test.each([
  ["a/b/c", "a/*", true],
  ["a/b", "a/?", true],
  ["a", "[!ab]", false],
  ["c", "[!ab]", true],
  ["b", "[a-c]", true],
  ["]", "[]]", true],
  ["a.b", "a.b", true],
  ["axb", "a.b", false],
  ["a[b", "a[b", true],
  ["(a+b)", "(a+*", true],
  ["^", "[x^]", true],
  ["A", "a", false],
])("fnmatch: %s by %s is %s", (name, pattern, expected) => {
  expect(fnmatch(name, pattern)).toBe(expected);
});
