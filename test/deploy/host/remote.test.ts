import { spawnSync } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { buffer } from "node:stream/consumers";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import {
  announceInput,
  announceScript,
  buildScript,
  restoreScript,
  unpackScript,
} from "../../../src/deploy/host/remote.ts";
import { makeBundle } from "../../../src/deploy/release/bundle.ts";
import { type BundleFile, madeFile } from "../../../src/deploy/release/fileset.ts";
import { compareWithHost, manifest } from "../../../src/deploy/release/release.ts";

const folders = { copied: ["bin", "develop-eggs", ".installed.cfg"], linked: ["parts"] };

let scratch: string;
let path: string;
let dist: string;

beforeEach(() => {
  scratch = mkdtempSync(join(tmpdir(), "hostout-remote-"));
  path = join(scratch, "it's a buildout");
  dist = join(scratch, "the cache/dist");
  mkdirSync(join(path, ".hostout"), { recursive: true });
  script("bin/buildout", "echo built >> var/log");
  mkdirSync(join(path, "var"));
});

afterEach(() => rmSync(scratch, { recursive: true, force: true }));

function script(name: string, body: string): void {
  mkdirSync(dirname(join(path, name)), { recursive: true });
  writeFileSync(join(path, name), `#!/bin/sh\n${body}\n`, { mode: 0o755 });
}

let shell: readonly string[] = [];
/** Debian's BusyBox has a tar without -T, unlike that of Alpine. */
const GNU_TAR = 'tar() { /bin/tar "$@"; }\n';

function sh(program: string, input: string | Buffer = "") {
  const [command, ...args] = shell;
  return spawnSync(command!, [...args, "-c", `${GNU_TAR}${program}`], { input, encoding: "utf8" });
}

const read = (name: string) => readFileSync(join(path, name), "utf8");

/** Deploys `content` as the uploadbuildout command does, with a real archive and a real shell. */
async function unpack(release: string, content: Record<string, string>): Promise<void> {
  const files: BundleFile[] = Object.entries(content).map(([name, text]) => madeFile(name, text));
  const there = existsSync(join(path, ".hostout/files")) ? read(".hostout/files") : undefined;
  const { changed, stale } = compareWithHost(files, there);
  const known = new Set((there ?? "").split("\n").map((line) => line.split(" ")[2]));
  const file = join(dist, `deploy_${release}.tgz`);
  const names = changed.map((file) => file.path);
  const announced = sh(
    announceScript(path, dist),
    announceInput({
      manifest: manifest(files),
      added: names.filter((name) => !known.has(name)),
      replaced: names.filter((name) => known.has(name)),
      stale,
      staleFolders: stale.map((name) => dirname(name)).filter((name) => name !== "."),
    }),
  );
  expect(announced.status).toBe(0);
  const archive = await buffer(makeBundle(changed, 0).stream);
  const result = sh(unpackScript(path, { file, arrives: true }, release, folders), archive);
  expect(result.stderr).toBe("");
  expect(result.status).toBe(0);
}

const build = (release: string, args: string[] = []) =>
  sh(buildScript(path, dist, `h-${release}.cfg`, release, args));

describe.each([["dash"], ["busybox", "sh"]])("in %s", (...words) => {
  beforeEach(() => {
    shell = words;
  });

  describe("unpacking a release", () => {
    test("brings new files, replaces changed ones and removes those that have gone", async () => {
      await unpack("r1", { "a.cfg": "1", "templates/x y.txt": "old", "gone/deep/z": "z" });
      await unpack("r2", { "a.cfg": "2", "templates/x y.txt": "old", "-new": "n" });
      expect(read("a.cfg")).toBe("2");
      expect(read("-new")).toBe("n");
      expect(existsSync(join(path, "gone/deep"))).toBe(false);
      expect(read(".hostout/unpacked")).toBe("r2\n");
      expect(readdirSync(join(path, ".hostout")).sort()).toEqual(["files", "unpacked", "working"]);
    });

    test("leaves files that no release brought", async () => {
      writeFileSync(join(path, "var/data"), "precious");
      await unpack("r1", { "a.cfg": "1" });
      await unpack("r2", { "b.cfg": "1" });
      expect(read("var/data")).toBe("precious");
      expect(existsSync(join(path, "a.cfg"))).toBe(false);
    });

    test("replaces a file by a new one, so that a program reading the old one is not disturbed", async () => {
      await unpack("r1", { "a.cfg": "1" });
      const before = statSync(join(path, "a.cfg")).ino;
      await unpack("r2", { "a.cfg": "2" });
      expect(statSync(join(path, "a.cfg")).ino).not.toBe(before);
    });

    test("keeps the mode of a folder that is there already", async () => {
      mkdirSync(join(path, "templates"), { mode: 0o2750 });
      await unpack("r1", { "templates/x": "1" });
      expect(statSync(join(path, "templates")).mode & 0o7777).toBe(0o750);
    });

    test.each([0.3, 0.9, 0.999])(
      "an archive of which %d arrives changes nothing",
      async (share) => {
        await unpack("r1", { "a.cfg": "1" });
        const archive = await buffer(makeBundle([madeFile("a.cfg", "2".repeat(9999))], 0).stream);
        sh(announceScript(path, dist), "- ./a.cfg\n");
        const file = join(dist, "deploy_r2.tgz");
        const script = unpackScript(path, { file, arrives: true }, "r2", folders);
        const result = sh(script, archive.subarray(0, archive.length * share));
        expect(result.status).not.toBe(0);
        expect(read("a.cfg")).toBe("1");
        expect(read(".hostout/unpacked")).toBe("r1\n");
        expect(readdirSync(dist)).toEqual(["deploy_r1.tgz"]);
      },
    );

    test("an archive that the host has already is used again", async () => {
      await unpack("r1", { "a.cfg": "1" });
      const before = readFileSync(join(dist, "deploy_r1.tgz"));
      await unpack("r2", { "a.cfg": "2" });
      const { manifest: lists, ...none } = {
        manifest: manifest([madeFile("a.cfg", "1")]),
        added: [],
        replaced: ["a.cfg"],
        stale: [],
        staleFolders: [],
      };
      sh(announceScript(path, dist), announceInput({ manifest: lists, ...none }));
      const file = join(dist, "deploy_r1.tgz");
      expect(sh(unpackScript(path, { file, arrives: false }, "r1", folders)).stderr).toBe("");
      expect(read("a.cfg")).toBe("1");
      expect(readFileSync(file).equals(before)).toBe(true);
    });
  });

  describe("building a release", () => {
    test("marks it as current when the buildout succeeds, and notes it in the log", async () => {
      await unpack("r1", { "a.cfg": "1" });
      expect(build("r1").status).toBe(0);
      expect(read(".hostout/current")).toBe("r1\n");
      expect(read(".hostout/releases")).toMatch(/^\d{4}-\d\d-\d\dT\S+Z r1\n$/);
    });

    test("keeps ten bundles, the newest ones", async () => {
      for (let n = 10; n < 22; n++) {
        await unpack(`r${n}`, { "a.cfg": String(n) });
        utimesSync(join(dist, `deploy_r${n}.tgz`), n, n);
      }
      writeFileSync(join(dist, "hello-1.0.tgz"), "");
      expect(build("r21").status).toBe(0);
      const expected = Array.from({ length: 10 }, (_, n) => `deploy_r${n + 12}.tgz`);
      expect(readdirSync(dist).sort()).toEqual([...expected, "hello-1.0.tgz"]);
    });

    test("hands its arguments to bin/buildout as they are", async () => {
      script("bin/buildout", 'printf "%s|" "$@"');
      expect(build("r1", ["install", "it's $HOME"]).stdout).toBe("-c|h-r1.cfg|install|it's $HOME|");
    });

    test("a failure puts everything back as it was and keeps the status", async () => {
      script("bin/app", "echo one");
      mkdirSync(join(path, "parts/app"), { recursive: true });
      writeFileSync(join(path, "parts/app/code"), "one");
      writeFileSync(join(path, ".installed.cfg"), "one");
      await unpack("r1", { "a.cfg": "1", "keep.txt": "k", "b/gone.txt": "b" });
      build("r1");
      await unpack("r2", { "a.cfg": "2", "keep.txt": "k", "new/file": "n" });
      script(
        "bin/buildout",
        "rm -rf parts/app bin/app; echo two > .installed.cfg; mkdir -p parts/other develop-eggs; exit 3",
      );
      const snapshot = read("bin/buildout");
      const result = build("r2");
      expect(result.status).toBe(3);
      expect(read(".hostout/current")).toBe("r1\n");
      expect(read(".hostout/unpacked")).toBe("r1\n");
      expect(read("a.cfg")).toBe("1");
      expect(read("b/gone.txt")).toBe("b");
      expect(existsSync(join(path, "new/file"))).toBe(false);
      expect(read("parts/app/code")).toBe("one");
      expect(existsSync(join(path, "parts/other"))).toBe(false);
      expect(existsSync(join(path, "develop-eggs"))).toBe(false);
      expect(read("bin/app")).toContain("echo one");
      expect(read(".installed.cfg")).toBe("one");
      expect(read("bin/buildout")).not.toBe(snapshot);
      expect(existsSync(join(path, ".hostout/previous"))).toBe(false);
      expect(existsSync(join(path, ".hostout/failed/parts/other"))).toBe(true);
    });

    test("a program that writes into a script in place does not spoil what is put back", async () => {
      script("bin/app", "echo one");
      await unpack("r1", { "a.cfg": "1" });
      build("r1");
      await unpack("r2", { "a.cfg": "2" });
      script("bin/buildout", "echo 'echo two' >> bin/app; exit 1");
      build("r2");
      expect(read("bin/app")).not.toContain("two");
    });
  });

  describe("a deployment that was cut off", () => {
    test("is undone, also when undoing it is cut off itself", async () => {
      script("bin/app", "echo one");
      await unpack("r1", { "a.cfg": "1" });
      build("r1");
      await unpack("r2", { "a.cfg": "2", "new.txt": "n" });
      rmSync(join(path, "bin/app"));
      // A first attempt to undo got as far as `bin`.
      const previous = join(path, ".hostout/previous");
      sh(
        `cd '${previous.replaceAll("'", "'\\''")}' && mv kept/bin ../../bin.back && cd ../.. && rm -rf bin && mv bin.back bin`,
      );
      expect(sh(restoreScript(path)).status).toBe(0);
      expect(read("a.cfg")).toBe("1");
      expect(existsSync(join(path, "new.txt"))).toBe(false);
      expect(read("bin/app")).toContain("one");
      expect(read(".hostout/unpacked")).toBe("r1\n");
      expect(sh(restoreScript(path)).status).toBe(0);
    });
  });
});
