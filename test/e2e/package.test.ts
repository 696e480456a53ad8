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

  test("its API can be imported", () => {
    writeFileSync(
      join(folder, "recipe.mjs"),
      'import { defineRecipe } from "hostout";\nimport { task } from "hostout/fabfile";\n' +
        'console.log(typeof defineRecipe({ description: "", install: () => [] }).install, typeof task);\n',
    );
    expect(run(process.execPath, "recipe.mjs")).toBe("function function\n");
  });
});

test("the tarball holds nothing that a user does not need", () => {
  const listing = execFileSync("npm", ["pack", "--ignore-scripts", "--dry-run", "--json"], {
    cwd: root,
    encoding: "utf8",
    stdio: ["ignore", "pipe", "ignore"],
  });
  const [{ files }] = JSON.parse(listing) as [{ files: { path: string }[] }];
  const needed = [
    /^(package\.json|README\.md|LICENSE|CHANGELOG\.md)$/,
    /^bin\/(buildout|hostout|hostout-sandbox)$/,
    /^dist\/(engine\.mjs|(index|fabfile)\.(js|d\.ts))$/,
    /^dist\/chunks\/[\w-]+\.js$/,
    /^dist\/cli\/(buildout|hostout|sandbox)\.js$/,
    /^dist\/python\/(_hostout|zc)\/[\w/]+\.py$/,
    /^dist\/deploy\/(release\/local-files-worker|host\/rsync-shell)\.js$/,
    /^docs\/(?!architecture)[\w-]+\.md$/,
    /^docs\/events\.schema\.json$/,
    /^recipes\/(plugins\/)?[\w-]+\/README\.md$/,
  ];
  const paths = files.map(({ path }) => path);
  expect(paths.filter((path) => !needed.some((pattern) => pattern.test(path)))).toEqual([]);
  for (const pattern of needed) expect(paths.some((path) => pattern.test(path))).toBe(true);
});
