import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { buffer } from "node:stream/consumers";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { makeBundle } from "../../../src/deploy/release/bundle.ts";
import { FileHashes } from "../../../src/deploy/release/file-hashes.ts";
import { configurationFile, includedFiles, madeFile } from "../../../src/deploy/release/fileset.ts";
import { compare, entryLine } from "../../../src/deploy/release/manifest.ts";
import { assembled, makeRelease, withFile } from "../../../src/deploy/release/release.ts";

let scratch: string;
let site: string;

beforeEach(() => {
  scratch = realpathSync(mkdtempSync(join(tmpdir(), "hostout-files-")));
  site = join(scratch, "site");
  mkdirSync(site);
});

afterEach(() => rmSync(scratch, { recursive: true, force: true }));

function file(name: string, text = name, mode = 0o644): void {
  mkdirSync(dirname(join(site, name)), { recursive: true });
  writeFileSync(join(site, name), text);
  chmodSync(join(site, name), mode);
}

const hashes = () => new FileHashes(join(scratch, "hashes.json"));

const paths = async (...entries: string[]) =>
  (await includedFiles(site, entries, hashes())).map(({ path }) => path).sort();

describe("include", () => {
  test.each([
    [0o600, 0o600],
    [0o400, 0o600],
    [0o700, 0o700],
    [0o640, 0o644],
    [0o664, 0o644],
    [0o750, 0o755],
  ])("takes a file of mode %o as %o", async (mode, expected) => {
    file("secret", "x", mode);
    expect((await includedFiles(site, ["secret"], hashes()))[0]?.mode).toBe(expected);
    expect(configurationFile(site, join(site, "secret"), hashes()).mode).toBe(expected);
  });

  test.each([".hostout", ".hostout/*", ".installed.cfg", "bin", "bin/b*", "."])(
    "refuses '%s' where that has what a host makes itself",
    async (entry) => {
      for (const name of [".hostout/current", ".installed.cfg", "bin/buildout"]) file(name);
      await expect(paths(entry)).rejects.toMatchObject({
        code: "invalid-option",
        message: expect.stringContaining("which is created on the host"),
      });
    },
  );

  test("has other files of 'bin', and an empty one, but not a link in its place", async () => {
    file("bin/server");
    expect(await paths("bin")).toEqual(["bin/server"]);
    rmSync(join(site, "bin"), { recursive: true });
    mkdirSync(join(site, "bin"));
    expect(await paths("bin")).toEqual(["bin"]);
    rmSync(join(site, "bin"), { recursive: true });
    symlinkSync("t", join(site, "bin"));
    await expect(paths("bin")).rejects.toMatchObject({ code: "invalid-option" });
  });

  test.each(["caf*", "."])("of '%s' names a name that is not UTF-8", async (entry) => {
    execFileSync("sh", ["-c", ": > \"$(printf 'caf\\351')\""], { cwd: site });
    await expect(paths(entry)).rejects.toMatchObject({
      code: "bad-file-name",
      message: "include: the name 'caf\uFFFD' is not UTF-8.",
    });
  });

  test("takes files, directories with hidden files, and patterns, each file once", async () => {
    for (const name of ["a.txt", "t/x", "t/.hidden", "t/deep/y", "etc/one.ini", "etc/two.txt"]) {
      file(name);
    }
    expect(await paths("a.txt", "t", "etc/*.ini", "t/x")).toEqual([
      "a.txt",
      "etc/one.ini",
      "t/.hidden",
      "t/deep/y",
      "t/x",
    ]);
  });

  test("a directory with characters of patterns in its name is that directory", async () => {
    file("a[1]/x");
    file("a1/y");
    expect(await paths("a[1]")).toEqual(["a[1]/x"]);
  });

  test("leaves out version control directories and Python caches", async () => {
    for (const name of ["t/.git/HEAD", "t/.gitignore", "t/__pycache__/a", "t/a.pyc", "t/a.py"]) {
      file(name);
    }
    expect(await paths("t")).toEqual(["t/.gitignore", "t/a.py"]);
  });

  test("missing files are named", async () => {
    await expect(paths("templats")).rejects.toThrow(
      expect.objectContaining({
        code: "include-missing",
        message: expect.stringContaining("templats"),
      }),
    );
    await expect(paths("*.nothing")).rejects.toThrow(/\*\.nothing/);
  });

  test.each([
    ["a b", ["a"], "there is no 'a b'", "a, b"],
    ["etc/*.conf lib", [], "nothing in", "etc/*.conf, lib"],
  ])("several names on the line '%s' are pointed out", async (line, files, said, names) => {
    for (const name of files) file(name);
    await expect(paths(line)).rejects.toMatchObject({
      code: "include-missing",
      message: expect.stringMatching(new RegExp(`^include: ${said}.*: each line is one name\\.$`)),
      hint: `If these are 2 names, write each on its own line, indented: ${names}.`,
    });
  });

  test("names with spaces are names; there is a hint only if their words exist as files", async () => {
    file("a b");
    expect(await paths("a b")).toEqual(["a b"]);
    await expect(paths("my files")).rejects.toMatchObject({
      message: `include: there is no 'my files' in ${site}.`,
      hint: undefined,
    });
  });

  test("nothing outside the buildout directory is taken", async () => {
    writeFileSync(join(scratch, "secret"), "s");
    await expect(paths("../secret")).rejects.toThrow(
      expect.objectContaining({ code: "outside-buildout" }),
    );
  });

  test("links within the directory stay links, links out of it are refused", async () => {
    file("t/real");
    symlinkSync("real", join(site, "t/link"));
    const files = await includedFiles(site, ["t"], hashes());
    expect(files.find(({ path }) => path === "t/link")?.link).toBe("real");
    symlinkSync("../../secret", join(site, "t/escape"));
    await expect(paths("t")).rejects.toThrow(expect.objectContaining({ code: "symlink-escapes" }));
    rmSync(join(site, "t/escape"));
    symlinkSync("/etc/passwd", join(site, "t/absolute"));
    await expect(paths("t")).rejects.toThrow(/\/etc\/passwd/);
  });

  test("a link that names a directory outside as an entry of include is refused", async () => {
    mkdirSync(join(scratch, "elsewhere"));
    writeFileSync(join(scratch, "elsewhere/x"), "x");
    symlinkSync("../elsewhere", join(site, "out"));
    await expect(paths("out")).rejects.toThrow(
      expect.objectContaining({ code: "symlink-escapes" }),
    );
    await expect(paths("out/x")).rejects.toThrow(
      expect.objectContaining({ code: "outside-buildout" }),
    );
  });

  test("a configuration file that is a link is taken by its content", () => {
    writeFileSync(join(scratch, "shared.cfg"), "[buildout]\n");
    symlinkSync("../shared.cfg", join(site, "buildout.cfg"));
    const taken = configurationFile(site, join(site, "buildout.cfg"), hashes());
    expect(taken).toMatchObject({ path: "buildout.cfg", size: 11 });
    expect(taken.link).toBeUndefined();
  });
});

describe("the hashes of files", () => {
  const hashOf = (known: FileHashes, name: string) =>
    known.hash(join(site, name), statSync(join(site, name)));
  const old = new Date(Date.now() - 60_000);

  test("are right after every kind of change, whatever was cached", async () => {
    file("x", "one");
    const seen = new Set<string>();
    for (const change of [
      () => {},
      () => writeFileSync(join(site, "x"), "two"),
      () => utimesSync(join(site, "x"), old, old),
      () => {
        writeFileSync(join(site, "y"), "six");
        utimesSync(join(site, "y"), old, old);
        renameSync(join(site, "y"), join(site, "x"));
      },
    ]) {
      change();
      const known = hashes();
      const expected = createHash("sha256")
        .update(readFileSync(join(site, "x")))
        .digest("hex");
      expect(hashOf(known, "x")).toBe(expected);
      known.save();
      seen.add(expected);
    }
    expect(seen.size).toBe(3);
  });

  test("are cached for files that have not changed for a while", async () => {
    file("x", "one");
    await vi.waitFor(() => {
      const known = hashes();
      hashOf(known, "x");
      known.save();
      expect(JSON.parse(readFileSync(join(scratch, "hashes.json"), "utf8"))).toHaveLength(1);
    }, 120_000);
    const text = readFileSync(join(scratch, "hashes.json"), "utf8");
    writeFileSync(join(scratch, "hashes.json"), text.replace(/[0-9a-f]{64}/, "remembered"));
    expect(hashOf(hashes(), "x")).toBe("remembered");
    writeFileSync(join(scratch, "hashes.json"), "not JSON");
    expect(hashOf(hashes(), "x")).toMatch(/^[0-9a-f]{64}$/);
  });
});

describe("a bundle", () => {
  test.each(["tar", "tgz"] as const)(
    "is an archive that tar unpacks to the same files (%s)",
    async (form) => {
      const long = `${"deep/".repeat(60)}${"x".repeat(120)}`;
      file("t/run.sh", "#!/bin/sh\n", 0o755);
      file("t/empty", "");
      file("t/block", "b".repeat(512));
      file("t/ünï cödé", "u");
      file(`t/${long}`, "long");
      file("t/big", "0123456789".repeat(300_000));
      symlinkSync("run.sh", join(site, "t/link"));
      const files = [
        ...(await includedFiles(site, ["t"], hashes())),
        madeFile("pinned.cfg", "[buildout]\n"),
        madeFile("made", "made".repeat(500_000)),
      ];
      const archive = join(scratch, "b.tgz");
      writeFileSync(archive, await buffer(makeBundle(files, form).stream));
      const compressed = statSync(archive).size < 1_000_000;
      expect(compressed).toBe(form === "tgz");
      const out = join(scratch, "out");
      mkdirSync(out);
      execFileSync("tar", [form === "tgz" ? "-xzf" : "-xf", archive, "-C", out]);
      for (const name of ["t/run.sh", "t/empty", "t/block", "t/ünï cödé", `t/${long}`, "t/big"]) {
        expect(readFileSync(join(out, name)).equals(readFileSync(join(site, name)))).toBe(true);
      }
      expect(readFileSync(join(out, "pinned.cfg"), "utf8")).toBe("[buildout]\n");
      expect(readFileSync(join(out, "made"), "utf8")).toBe("made".repeat(500_000));
      expect(readlinkSync(join(out, "t/link"))).toBe("run.sh");
      expect(statSync(join(out, "t/run.sh")).mode & 0o111).not.toBe(0);
      expect(statSync(join(out, "t/empty")).mode & 0o111).toBe(0);
    },
  );

  test.each(["12345", "4321"])("of a file that changes meanwhile is refused: %s", async (text) => {
    file("t/x", "1234");
    const files = await includedFiles(site, ["t"], hashes());
    writeFileSync(join(site, "t/x"), text);
    const { stream, done } = makeBundle(files, "tar");
    await expect(buffer(stream)).rejects.toThrow();
    await expect(done).rejects.toThrow(expect.objectContaining({ code: "changed-while-reading" }));
  });
});

describe("a release", () => {
  const configuration = (text: string) => (name: string) => madeFile(name, text);
  const id = (text: string, cfg = "c", part = "web") =>
    makeRelease(part, [madeFile("a", text)], configuration(cfg), []).id;

  test("leaves out directories that are not empty, but no link", () => {
    const made = madeFile("d/x", "1");
    const directory = { ...madeFile("d", ""), kind: "directory" as const };
    const link = { ...madeFile("l", ""), kind: "link" as const, link: "d" };
    const files = assembled([directory, link, made, { ...made, path: "l/x" }]);
    expect(files.map(({ path }) => path)).toEqual(["d/x", "l", "l/x"]);
  });

  test("has the same id for the same content, another for any other", () => {
    expect(id("1")).toBe(id("1"));
    expect(id("1")).not.toBe(id("2"));
    expect(id("1")).not.toBe(id("1", "d"));
    expect(id("1")).not.toBe(id("1", "c", "web2"));
  });

  test("is not changed by modification times and by bits that git does not keep", async () => {
    file("t/x", "1", 0o644);
    const make = async () =>
      makeRelease("web", await includedFiles(site, ["t"], hashes()), configuration("c"), []).id;
    const before = await make();
    chmodSync(join(site, "t/x"), 0o664);
    writeFileSync(join(site, "t/x"), "1");
    expect(await make()).toBe(before);
    chmodSync(join(site, "t/x"), 0o755);
    expect(await make()).not.toBe(before);
    chmodSync(join(site, "t/x"), 0o600);
    expect(await make()).not.toBe(before);
  });

  test("has one file for each path, the last, and no directory that has become full", () => {
    const empty = { ...madeFile("d", ""), kind: "directory" as const, hash: "-" };
    const files = assembled([madeFile("d/x", "1"), empty, madeFile("a", "1"), madeFile("a", "2")]);
    expect(files.map(entryLine)).toEqual([madeFile("a", "2"), madeFile("d/x", "1")].map(entryLine));
    const names = (path: string) => withFile(files, madeFile(path, "3")).map(entryLine);
    expect(names("a")).toEqual([madeFile("a", "3"), files[1]!].map((file) => entryLine(file)));
    expect(names("b")[1]).toBe(entryLine(madeFile("b", "3")));
    expect(names("z").at(-1)).toBe(entryLine(madeFile("z", "3")));
    expect(names("A")[0]).toBe(entryLine(madeFile("A", "3")));
  });

  test("finds what the host lacks and what it has in addition", () => {
    const before = [madeFile("a", "1"), madeFile("b c", "1"), madeFile("old/x", "1")];
    const after = [madeFile("a", "1"), madeFile("b c", "2"), madeFile("new", "1")];
    const there = new Map(before.map((file) => [file.path, entryLine(file)]));
    const { added, changed, removed } = compare(after, there, entryLine);
    expect([...added, ...changed].map(({ path }) => path)).toEqual(["new", "b c"]);
    expect(removed).toEqual(["old/x"]);
  });
});
