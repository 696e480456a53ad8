import { execFile, execFileSync } from "node:child_process";
import {
  appendFileSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { describe, expect, onTestFinished, test } from "vitest";

const root = fileURLToPath(new URL("..", import.meta.url));

function checkout(copied: readonly string[], written: Record<string, string> = {}): string {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), "hostout-build-")));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  for (const name of copied) cpSync(join(root, name), join(folder, name), { recursive: true });
  for (const [name, text] of Object.entries(written)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
  return folder;
}

describe("npm test", () => {
  const BUILD = `
    import { mkdirSync, writeFileSync } from "node:fs";
    import { inputsHash, STAMP } from "./build/inputs.mjs";
    for (const name of ["cli", "programs"]) mkdirSync("dist/" + name, { recursive: true });
    const names = ["cli/buildout.js", "engine.cjs", "index.d.ts", "index.js", "programs/buildout.js"];
    for (const name of names) writeFileSync("dist/" + name, "");
    writeFileSync("dist/" + STAMP, inputsHash());
  `;
  const INPUTS = [
    "build.mjs",
    "build/inputs.mjs",
    "package.json",
    "recipes/hello/hello.ts",
    "src/bridge/worker.py",
    "src/deploy/host/probe.sh",
    "src/index.ts",
    "tsconfig.json",
  ];

  function prepared() {
    const folder = checkout(["build/inputs.mjs", "test/prepare.mjs", "package.json"], {
      "build.mjs": BUILD,
      "package-lock.json": "{}",
      "node_modules/.package-lock.json": "{}",
      "tsconfig.json": "{}",
      "recipes/hello/hello.ts": "",
      "src/index.ts": "",
      "src/bridge/worker.py": "",
      "src/deploy/host/probe.sh": "",
      "docs/language.md": "",
    });
    const prepare = () =>
      execFileSync(process.execPath, ["test/prepare.mjs"], { cwd: folder, encoding: "utf8" });
    expect(prepare()).toBe("Building dist/ ...\n");
    return { folder, prepare };
  }

  test.each(INPUTS)("builds again when %s has changed, once", (name) => {
    const { folder, prepare } = prepared();
    appendFileSync(join(folder, name), "\n");
    expect(prepare()).toBe("Building dist/ ...\n");
    expect(prepare()).toBe("");
  });

  test("builds again when a source was removed or added", () => {
    const { folder, prepare } = prepared();
    rmSync(join(folder, "src/bridge/worker.py"));
    expect(prepare()).toBe("Building dist/ ...\n");
    writeFileSync(join(folder, "src/bridge/worker.py"), "");
    expect(prepare()).toBe("Building dist/ ...\n");
  });

  test("builds again when part of dist/ is missing", () => {
    const { folder, prepare } = prepared();
    rmSync(join(folder, "dist/engine.cjs"));
    expect(prepare()).toBe("Building dist/ ...\n");
  });

  test("does not build when only the documentation has changed", () => {
    const { folder, prepare } = prepared();
    appendFileSync(join(folder, "docs/language.md"), "\n");
    expect(prepare()).toBe("");
  });
});

describe("build.mjs", () => {
  const copied = ["bin", "build", "build.mjs", "package-lock.json", "package.json", "recipes"];

  test("two builds at once leave one complete dist/, which exists at all times", async () => {
    const folder = checkout([...copied, "src", "tsconfig.json"]);
    symlinkSync(join(root, "node_modules"), join(folder, "node_modules"));
    const node = (...args: string[]) =>
      promisify(execFile)(process.execPath, args, { cwd: folder });
    await node("build.mjs", "programs", "engine");

    let isRunning = true;
    const builds = Promise.all([
      node("build.mjs", "programs", "engine"),
      node("build.mjs", "programs", "engine"),
    ]).finally(() => {
      isRunning = false;
    });
    while (isRunning) {
      expect((await node("bin/buildout", "--version")).stdout).toMatch(/^buildout version /);
    }
    await builds;
    expect((await node("dist/engine.cjs", "--version")).stdout).toMatch(/^buildout version /);
    expect(readdirSync(join(folder, ".cache"))).toEqual([]);
  });

  test("a target that does not exist is a usage error", () => {
    expect(() =>
      execFileSync(process.execPath, ["build.mjs", "codes"], { cwd: root, stdio: "pipe" }),
    ).toThrow("Unknown target: codes. Targets: code, engine, programs, python, types.");
  });
});
