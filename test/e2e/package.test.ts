import { execFileSync } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

const root = fileURLToPath(new URL("../..", import.meta.url));

describe("the package, installed into an empty folder elsewhere", () => {
  const scratch = realpathSync(mkdtempSync(join(tmpdir(), "hostout-package-")));
  const folder = join(scratch, "empty");

  const run = (command: string, ...args: string[]) =>
    execFileSync(command, args, {
      cwd: folder,
      encoding: "utf8",
      stdio: ["ignore", "pipe", "pipe"],
    });

  beforeAll(() => {
    mkdirSync(folder);
    // The build is there already; packing must not do it again below the feet of other tests.
    execFileSync("npm", ["pack", "--ignore-scripts", "--pack-destination", scratch], {
      cwd: root,
      stdio: "ignore",
    });
    const [archive] = readdirSync(scratch).filter((name) => name.endsWith(".tgz"));
    run("npm", "install", "--no-audit", "--no-fund", join(scratch, archive!));
  });

  afterAll(() => rmSync(scratch, { recursive: true, force: true }));

  test("holds what it needs and nothing of the tests", () => {
    const top = readdirSync(join(folder, "node_modules/hostout")).sort();
    expect(top).toEqual([
      "CHANGELOG.md",
      "LICENSE",
      "README.md",
      "bin",
      "dist",
      "docs",
      "package.json",
      "recipes",
    ]);
    expect(existsSync(join(folder, "node_modules/hostout/dist/engine.mjs"))).toBe(true);
  });

  test("npx buildout init, npx buildout, bin/buildout and bin/hostout work", () => {
    expect(run("npx", "--no-install", "buildout", "init")).toContain(
      `Creating '${folder}/buildout.cfg'.`,
    );
    expect(run("npx", "--no-install", "buildout")).not.toContain("Error");
    writeFileSync(
      join(folder, "buildout.cfg"),
      "[buildout]\nparts = host1\n[host1]\nrecipe = hostout\nhost = 127.0.0.1\n",
    );
    expect(run("bin/buildout")).toContain("Installing host1.");
    expect(run("bin/buildout")).toContain("Updating host1.");
    expect(run("bin/hostout")).toBe("Valid hosts are: host1\n");
    expect(run("bin/hostout", "host1")).toContain("deploy");
    expect(run("npx", "--no-install", "hostout", "--version")).toMatch(/^\d+\.\d+\.\d+/);
  });

  test("its API can be imported and has types", () => {
    writeFileSync(
      join(folder, "recipe.mjs"),
      'import { defineRecipe } from "hostout";\nconsole.log(typeof defineRecipe({ description: "", install: () => [] }).install);\n',
    );
    expect(run(process.execPath, "recipe.mjs")).toBe("function\n");
    const types = join(folder, "node_modules/hostout/dist/types/src/index.d.ts");
    expect(existsSync(types)).toBe(true);
  });
});
