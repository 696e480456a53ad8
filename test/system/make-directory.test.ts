import { mkdtempSync, readdirSync, rmSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { makeDirectory } from "../../src/system/make-directory.ts";

function scratch(): string {
  const folder = mkdtempSync(join(tmpdir(), "hostout-mkdir-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

test("creates missing directories, and returns the topmost new one", () => {
  const folder = scratch();
  expect(makeDirectory(join(folder, "a/b/c"))).toBe(join(folder, "a"));
  expect(makeDirectory(join(folder, "a/b/d"))).toBe(join(folder, "a/b/d"));
  expect(makeDirectory(join(folder, "a/b/d"))).toBeUndefined();
  expect(makeDirectory(`${folder}/a/x/../y`)).toBe(join(folder, "a/x"));
  expect(readdirSync(join(folder, "a")).sort()).toEqual(["b", "x", "y"]);
});

test("every directory that it makes has the mode", () => {
  const folder = scratch();
  makeDirectory(join(folder, "a/b"), 0o700);
  for (const name of ["a", "a/b"]) expect(statSync(join(folder, name)).mode & 0o777).toBe(0o700);
});

test("a link to a directory counts as one; a file or a broken link does not", () => {
  const folder = scratch();
  makeDirectory(join(folder, "real"));
  symlinkSync("real", join(folder, "link"));
  expect(makeDirectory(join(folder, "link"))).toBeUndefined();
  expect(makeDirectory(join(folder, "link/x"))).toBe(join(folder, "link/x"));
  writeFileSync(join(folder, "file"), "");
  symlinkSync("nothing", join(folder, "broken"));
  expect(() => makeDirectory(join(folder, "file"))).toThrow("EEXIST");
  expect(() => makeDirectory(join(folder, "file/x"))).toThrow("ENOTDIR");
  expect(() => makeDirectory(join(folder, "broken"))).toThrow("EEXIST");
});

test.runIf(process.platform === "linux")("below /proc, it fails instead of trying forever", () => {
  expect(() => makeDirectory("/proc/hostout/a/b")).toThrow("ENOENT");
  expect(() => makeDirectory("/proc/self/a")).toThrow();
});
