import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeEach, expect, onTestFinished, test } from "vitest";
import { exposedKey, ignoreKey } from "../../../src/deploy/part/keys-in-git.ts";

let folder: string;
let key: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "hostout-keys-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  key = join(folder, "host1_key");
  writeFileSync(key, "secret");
});

const git = (...args: string[]) => execFileSync("git", ["-C", folder, ...args], { stdio: "pipe" });
const ignored = () => readFileSync(join(folder, ".gitignore"), "utf8");

test("a key is added to .gitignore once, below the existing lines", async () => {
  expect(await ignoreKey(key)).toBe(true);
  expect(await ignoreKey(key)).toBe(false);
  expect(ignored()).toBe("/host1_key\n");
  writeFileSync(join(folder, ".gitignore"), "node_modules");
  await ignoreKey(key);
  expect(ignored()).toBe("node_modules\n/host1_key\n");
});

test("a key that git ignores already is not named again", async () => {
  git("init", "-q");
  writeFileSync(join(folder, ".gitignore"), "*_key\n");
  expect(await ignoreKey(key)).toBe(false);
  expect(ignored()).toBe("*_key\n");
});

test("a key is exposed if git has it or would take it, for the reason that is true", async () => {
  expect(await exposedKey(key)).toBeUndefined();
  git("init", "-q");
  const loose = { message: expect.stringMatching(/^git does not ignore the private key /) };
  expect(await exposedKey(key)).toMatchObject({ ...loose, hint: "Add it to .gitignore." });
  await ignoreKey(key);
  expect(await exposedKey(key)).toBeUndefined();
  git("add", "-f", "host1_key");
  expect(await exposedKey(key)).toMatchObject({
    message: `git has the private key ${key}: anyone with the repository can deploy.`,
    hint: expect.stringContaining("git rm --cached host1_key"),
  });
  expect(await exposedKey(join(folder, "other_key"))).toBeUndefined();
});
