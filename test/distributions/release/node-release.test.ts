import { chmodSync, existsSync, readdirSync, readFileSync, rmSync } from "node:fs";
import path from "node:path";
import { execaSync } from "execa";
import { list } from "tar";
import { describe, expect, test } from "vitest";
import { releaseNodePackage } from "../../../src/distributions/release/node-release.ts";
import { commitAll, developed, git } from "../../support/packages.ts";
import { timeOf } from "../../support/peer.ts";
import { scratch, writeFiles as write } from "../../support/scratch.ts";

async function entriesOf(file: string) {
  const entries: { path: string; mode: number | undefined; mtime: number | undefined }[] = [];
  await list({
    file,
    onReadEntry: (entry) =>
      void entries.push({ path: entry.path, mode: entry.mode, mtime: entry.mtime?.getTime() }),
  });
  return entries;
}

const manifestIn = (file: string) =>
  JSON.parse(execaSync("tar", ["xzOf", file, "package/package.json"]).stdout);

/** A repository with the package `hello`. */
function repository(manifest: object = {}): string {
  const folder = write(scratch(), {
    "package.json": { name: "hello", version: "1.2.0", ...manifest },
    "index.js": "export const a = 1;\n",
    "lib/b.js": "export const b = 2;\n",
    "run.sh": "#!/bin/sh\n",
    ".gitignore": "*.log\ndist/\n",
  });
  chmodSync(path.join(folder, "run.sh"), 0o755);
  commitAll(folder);
  return folder;
}

const release = (folder: string, dist: string, name = "hello") =>
  releaseNodePackage(developed(folder, name), dist);

describe("a release", () => {
  test("is named by version and content and holds the rewritten package.json", async () => {
    const dist = scratch();
    const { version, file, built } = await release(repository(), dist);
    expect(version).toMatch(/^1\.2\.0\+h[0-9a-f]{12}$/);
    expect(file).toBe(path.join(dist, `hello-${version}.tgz`));
    expect(built).toBe(true);
    expect(manifestIn(file)).toEqual({ name: "hello", version });
    expect(readdirSync(dist).filter((name) => !name.startsWith("."))).toEqual([
      `hello-${version}.tgz`,
    ]);
  });

  test("has npm's layout, sorted, with git's modes and one fixed time", async () => {
    const { file } = await release(repository(), scratch());
    const mtime = Date.parse("1985-10-26T08:15:00Z");
    expect(await entriesOf(file)).toEqual([
      { path: "package/index.js", mode: 0o644, mtime },
      { path: "package/lib/b.js", mode: 0o644, mtime },
      { path: "package/package.json", mode: 0o644, mtime },
      { path: "package/run.sh", mode: 0o755, mtime },
    ]);
  });

  test("is the same to the byte from another clone with other modes and times", async () => {
    const folder = repository();
    const clone = path.join(scratch(), "clone");
    git(folder, "clone", "-q", folder, clone);
    chmodSync(path.join(clone, "index.js"), 0o600);
    chmodSync(path.join(clone, "run.sh"), 0o700);
    const one = await release(folder, scratch());
    const two = await release(clone, scratch());
    expect(two.version).toBe(one.version);
    expect(readFileSync(two.file).equals(readFileSync(one.file))).toBe(true);
    // No time, and no operating system (RFC 1952, 2.3).
    expect([...readFileSync(one.file).subarray(4, 8)]).toEqual([0, 0, 0, 0]);
    expect(readFileSync(one.file)[9]).toBe(255);
  });

  test("has the line endings that git stores, whatever those of the working copy", async () => {
    const folder = repository();
    write(folder, {
      ".gitattributes": "*.js text\n*.bin -text\n",
      "a.bin": "a\r\nb\r\n",
      "c.txt": "c\r\n",
    });
    commitAll(folder);
    const one = await release(folder, scratch());
    write(folder, { "index.js": "export const a = 1;\r\n" });
    const two = await release(folder, scratch());
    expect(two.version).toBe(one.version);
    expect(readFileSync(two.file).equals(readFileSync(one.file))).toBe(true);
    write(folder, { "a.bin": "a\nb\n" });
    expect((await release(folder, scratch())).version).not.toBe(one.version);
    write(folder, { "a.bin": "a\r\nb\r\n", "c.txt": "c\n" }); // no attribute: git stores it as it is
    expect((await release(folder, scratch())).version).not.toBe(one.version);
  });

  test("holds the working tree: changes, new files, nothing deleted, nothing ignored", async () => {
    const folder = repository();
    write(folder, { "index.js": "changed\n", "new.js": "new\n", "debug.log": "x" });
    rmSync(path.join(folder, "lib"), { recursive: true });
    const { file } = await release(folder, scratch());
    expect((await entriesOf(file)).map((entry) => entry.path)).toEqual([
      "package/index.js",
      "package/new.js",
      "package/package.json",
      "package/run.sh",
    ]);
    expect(execaSync("tar", ["xzOf", file, "package/index.js"]).stdout).toBe("changed");
  });

  test("leaves out files ignored by git even if .npmignore makes npm forget .gitignore", async () => {
    const folder = repository();
    write(folder, { ".npmignore": "lib/\n", "debug.log": "x" });
    const { file } = await release(folder, scratch());
    const names = (await entriesOf(file)).map((entry) => entry.path);
    expect(names).not.toContain("package/debug.log");
    expect(names).not.toContain("package/lib/b.js");
  });

  test("holds an ignored build output that `files` lists", async () => {
    const folder = repository({ files: ["dist"] });
    write(folder, { "dist/out.js": "built\n" });
    const { file } = await release(folder, scratch());
    expect((await entriesOf(file)).map((entry) => entry.path)).toEqual([
      "package/dist/out.js",
      "package/package.json",
    ]);
  });

  test("outside of git contains what npm would pack", async () => {
    const folder = write(scratch(), {
      "package.json": { name: "@acme/hello", version: "0.1.0", files: ["a.js"] },
      "a.js": "a",
      "b.js": "b",
    });
    const { file, version } = await release(folder, scratch(), "@acme/hello");
    expect(path.basename(file)).toBe(`acme-hello-${version}.tgz`);
    expect((await entriesOf(file)).map((entry) => entry.path)).toEqual([
      "package/a.js",
      "package/package.json",
    ]);
  });

  test("names neighbors without their paths", async () => {
    const folder = repository({ dependencies: { greeting: "file:../greeting", ms: "^2.0.0" } });
    const { file } = await release(folder, scratch());
    expect(manifestIn(file).dependencies).toEqual({ greeting: "*", ms: "^2.0.0" });
  });

  test("does not contain earlier releases if their directory is in the package", async () => {
    const folder = write(repository(), { ".gitignore": "" });
    const one = await release(folder, path.join(folder, "out"));
    write(folder, { "index.js": "changed\n" });
    const two = await release(folder, path.join(folder, "out"));
    expect(two.version).not.toBe(one.version);
    expect((await entriesOf(two.file)).map((entry) => entry.path)).not.toContainEqual(
      expect.stringContaining("out/"),
    );
  });
});

describe("a second release", () => {
  test("is not built again, and follows every kind of change", async () => {
    const folder = repository();
    const dist = scratch();
    const seen = new Set<string>();
    const next = async () => {
      const { version, built } = await release(folder, dist);
      seen.add(version);
      return built;
    };
    expect(await next()).toBe(true);
    expect(await next()).toBe(false);
    write(folder, { "index.js": "export const a = 2;\n" }); // same size
    expect(await next()).toBe(true);
    chmodSync(path.join(folder, "index.js"), 0o755);
    expect(await next()).toBe(true);
    write(folder, { "new.js": "" });
    expect(await next()).toBe(true);
    rmSync(path.join(folder, "new.js"));
    expect(await next()).toBe(false); // that content was released before
    expect(seen.size).toBe(4);
  });

  test("is built again if the archive is missing", async () => {
    const folder = repository();
    const dist = scratch();
    const { file } = await release(folder, dist);
    rmSync(file);
    expect(await release(folder, dist)).toMatchObject({ file, built: true });
    expect(existsSync(file)).toBe(true);
  });

  test("of ten unchanged packages takes well under 0.3 s", async () => {
    const dist = scratch();
    const folders = Array.from({ length: 10 }, (_, i) => {
      const manifest = { name: `p${i}`, version: "1.0.0" };
      return write(scratch(), { "package.json": manifest, "a.js": `${i}` });
    });
    for (const folder of folders) commitAll(folder);
    const all = () => Promise.all(folders.map((folder, i) => release(folder, dist, `p${i}`)));
    await all();
    await all(); // files younger than a clock tick are not trusted the first time
    const start = performance.now();
    expect((await all()).some(({ built }) => built)).toBe(false);
    // One `npm pack` for each would take ten times as long.
    expect(performance.now() - start).toBeLessThan(3 * timeOf("npm", "--version"));
  });
});

describe("a package with build scripts", () => {
  const built = (script: string) =>
    repository({ files: ["dist"], scripts: { prepack: script }, main: "dist/out.js" });

  test("is built as npm would, and its output is in the release", async () => {
    const folder = built("mkdir -p dist && cp index.js dist/out.js && echo ran >> runs.log");
    const dist = scratch();
    const { file } = await release(folder, dist);
    expect((await entriesOf(file)).map((entry) => entry.path)).toEqual([
      "package/dist/out.js",
      "package/package.json",
    ]);
    const runs = () => readFileSync(path.join(folder, "runs.log"), "utf8");
    expect(await release(folder, dist)).toMatchObject({ file, built: false });
    const before = runs(); // two, where the sources were younger than a clock tick at first
    expect(await release(folder, dist)).toMatchObject({ file, built: false });
    expect(runs()).toBe(before);
  });

  test("that fails to build is named, with its output", async () => {
    const dist = scratch();
    await expect(release(built("echo compile error 42; exit 3"), dist)).rejects.toMatchObject({
      code: "build-failed",
      message: expect.stringContaining("hello"),
      output: expect.stringContaining("compile error 42"),
    });
    expect(readdirSync(dist)).toEqual([]);
  });
});

test("a broken package.json is shown with its line", async () => {
  const folder = write(scratch(), {
    "package.json": '{\n  "name": "hello",\n  "version": "1.0.0"\n  "files": []\n}',
  });
  await expect(release(folder, scratch())).rejects.toMatchObject({
    code: "invalid-json",
    location: { file: path.join(folder, "package.json"), line: 4 },
  });
});
