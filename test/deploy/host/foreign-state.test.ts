import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { probeFunctions } from "../../../src/deploy/host/probe.ts";
import holdLock from "../../../src/deploy/host/programs/hold-lock.sh?raw";
import lockFunctions from "../../../src/deploy/host/programs/lock-functions.sh?raw";
import ownerFunctions from "../../../src/deploy/host/programs/owner-functions.sh?raw";

let scratch: string;
let path: string;

beforeEach(() => {
  scratch = mkdtempSync(join(tmpdir(), "hostout-foreign-"));
  path = join(scratch, "it's a buildout");
  mkdirSync(join(path, ".hostout"), { recursive: true });
});

afterEach(() => rmSync(scratch, { recursive: true, force: true }));

const kinds: Record<string, (at: string) => void> = {
  file: (at) => writeFileSync(at, "x"),
  directory: (at) => mkdirSync(at),
  link: (at) => symlinkSync(scratch, at),
  "link to nothing": (at) => symlinkSync("nowhere", at),
  pipe: (at) => void execFileSync("mkfifo", [at]),
};

const directories = ["releases", "previous", "incoming", "replaced", "failed"];
const files = [
  ...["current", "checkout", "checkout.next", "snapshot", "releases.jsonl", "holds.jsonl"],
  ...["lock", "working", "hold", "engine", "attempt", "damaged"],
];

/** In place of each name: every kind that the state does not have there. */
const situations = [
  ...files.flatMap((name) => without("file").map((kind) => [name, kind] as const)),
  ...directories.flatMap((name) => without("directory").map((kind) => [name, kind] as const)),
  // A former version had its log in the place of `releases`.
].filter(([name, kind]) => name !== "releases" || kind !== "file");

function without(kind: string): string[] {
  return Object.keys(kinds).filter((one) => one !== kind);
}

describe.each([["dash"], ["busybox", "sh"]])("in %s", (shell, ...words) => {
  /** The output of the program that takes the lock, and whether it ended by itself. */
  function lock(): { last: string | undefined; foreign: string | undefined; stderr: string } {
    const program = `${lockFunctions}${ownerFunctions}${probeFunctions("releases")}${holdLock}`;
    const args = [path, join(scratch, "cache"), "ann", "deploy", "run", "", "releases"];
    const { stdout, stderr } = spawnSync(shell, [...words, "-c", program, "sh", ...args], {
      encoding: "utf8",
      input: "",
      timeout: 60_000,
    });
    const lines = stdout.split("\n").filter((line) => line !== "");
    const foreign = lines.find((line) => line.startsWith("foreign="));
    return { last: lines.at(-1), foreign: foreign?.slice("foreign=".length), stderr };
  }

  test("the lock is taken if all of it can be ours", () => {
    expect(lock()).toEqual({ last: "locked", foreign: undefined, stderr: "" });
  });

  test("it is refused if part of the state is another kind of file", () => {
    const said = situations.map(([name, kind]) => {
      const at = join(path, ".hostout", name);
      kinds[kind]!(at);
      const result = lock();
      rmSync(at, { recursive: true });
      return [name, kind, result];
    });
    expect(said).toEqual(
      situations.map(([name, kind]) => {
        const is = kind.startsWith("link")
          ? "is a link"
          : `is not a ${files.includes(name) ? "file" : "directory"}`;
        const foreign = `${path}/.hostout/${name} ${is}`;
        return [name, kind, { last: "foreign", foreign, stderr: "" }];
      }),
    );
  });

  test.each([
    ["a file", "file", "is not a directory"],
    ["a pipe", "pipe", "is not a directory"],
    ["a link to nothing", "link to nothing", "is a link to nothing"],
  ])("nor if the buildout directory is %s", (_, kind, is) => {
    rmSync(path, { recursive: true });
    kinds[kind]!(path);
    expect(lock()).toEqual({ last: "foreign", foreign: `${path} ${is}`, stderr: "" });
  });
});
