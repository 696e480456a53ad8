import {
  chmodSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { writeFileAtomically } from "../../src/system/write-atomically.ts";

let directory: string;
const path = (name: string) => join(directory, name);

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "write-"));
});
afterEach(() => {
  rmSync(directory, { recursive: true, force: true });
});

describe("an atomically written file", () => {
  it("replaces another one, whose hard links keep their content", () => {
    writeFileSync(path("a"), "before");
    linkSync(path("a"), path("b"));
    writeFileAtomically(path("a"), "after");
    expect(readFileSync(path("a"), "utf8")).toBe("after");
    expect(readFileSync(path("b"), "utf8")).toBe("before");
    expect(readdirSync(directory).sort()).toEqual(["a", "b"]);
  });

  it("has the given mode, whatever the umask, or the usual one of a new file", () => {
    const before = process.umask(0o027);
    try {
      writeFileAtomically(path("script"), "", 0o755);
      writeFileAtomically(path("secret"), "", { mode: 0o600, durable: "name" });
      writeFileAtomically(path("plain"), "", { durable: "nothing" });
    } finally {
      process.umask(before);
    }
    const mode = (name: string) => (statSync(path(name)).mode & 0o777).toString(8);
    expect(["script", "secret", "plain"].map(mode)).toEqual(["755", "600", "640"]);
  });

  it("can have a name of 255 bytes", () => {
    const name = "x".repeat(255);
    writeFileAtomically(path(name), "long");
    expect(readFileSync(path(name), "utf8")).toBe("long");
  });

  it("leaves nothing behind if it cannot be put in place", () => {
    mkdirSync(path("folder"));
    writeFileSync(path("folder/inside"), "");
    expect(() => writeFileAtomically(path("folder"), "text")).toThrow(/EISDIR|ENOTEMPTY|EEXIST/);
    expect(readdirSync(directory)).toEqual(["folder"]);
  });

  it("is possible in a directory that cannot be listed", () => {
    mkdirSync(path("closed"));
    chmodSync(path("closed"), 0o300);
    writeFileAtomically(path("closed/file"), "text", { durable: "name" });
    chmodSync(path("closed"), 0o700);
    expect(readFileSync(path("closed/file"), "utf8")).toBe("text");
  });
});
