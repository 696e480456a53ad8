import { execFileSync } from "node:child_process";
import {
  cpSync,
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
import { start } from "../support/running.ts";
import { startSandboxServer, type TestServer } from "../support/servers.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));

describe("the package, installed into an empty directory elsewhere", () => {
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
    // The build exists already; packing must not repeat it while other tests use it.
    execFileSync("npm", ["pack", "--ignore-scripts", "--pack-destination", scratch], {
      cwd: root,
      stdio: "ignore",
    });
    const [archive] = readdirSync(scratch).filter((name) => name.endsWith(".tgz"));
    run("npm", "install", "--no-audit", "--no-fund", join(scratch, archive!));
  });

  let server: TestServer | undefined;

  afterAll(async () => {
    rmSync(scratch, { recursive: true, force: true });
    await server?.close();
  });

  test("contains what it needs and no tests", () => {
    const top = readdirSync(join(folder, "node_modules/hostout")).sort();
    expect(top).toEqual([
      "CHANGELOG.md",
      "LICENSE",
      "README.md",
      "bin",
      "dist",
      "docs",
      "man",
      "package.json",
      "recipes",
    ]);
    expect(existsSync(join(folder, "node_modules/hostout/dist/engine.cjs"))).toBe(true);
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

  test("the example program deploys with it", async () => {
    server = await startSandboxServer();
    const project = join(folder, "project");
    mkdirSync(project);
    const lines = (name: string) =>
      `[${name}]\nrecipe = hostout\nhost = ${server!.host}:${server!.port}\nuser = ${server!.user}\n` +
      `identity-file = ${server!.key}\nknown-hosts = ${scratch}/known_hosts\naccept-new = true\n` +
      `ssh-config = ${scratch}/none\nno-sudo = true\npath = ${server!.home}/${name}\nbuildout = prod.cfg\n`;
    writeFileSync(join(project, "prod.cfg"), "[buildout]\nparts =\n");
    writeFileSync(
      join(project, "buildout.cfg"),
      `[buildout]\nparts = web1 web2\n${lines("web1")}roles = front\n${lines("web2")}`,
    );
    run("npx", "--no-install", "buildout", "-c", join(project, "buildout.cfg"));
    cpSync(join(root, "fixtures/deploy.mjs"), join(folder, "deploy.mjs"));
    const child = start(process.execPath, ["deploy.mjs", "project"], {
      cwd: folder,
      env: { PATH: process.env.PATH, HOME: scratch },
    });
    const { stdout, stderr, status } = await child.outcome;
    expect({ stderr, status }).toEqual({ stderr: "", status: 0 });
    expect(stdout.replace(/ at [\d.:]+,/g, "")).toBe(
      "web1 roles: front\nweb2 roles: none\n" +
        "web1 would get: prod.cfg\nweb2 would get: prod.cfg\n" +
        "web1 done: release 1\nweb2 done: release 1\n",
    );
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
    /^bin\/(buildout|hostout|hostout-sandbox|package\.json)$/,
    /^dist\/(engine\.cjs|(index|fabfile|deploy)\.(js|d\.ts))$/,
    /^dist\/chunks\/[\w-]+\.js$/,
    /^dist\/cli\/((buildout|hostout|local-files|sandbox)\.js|package\.json)$/,
    /^dist\/programs\/(buildout|hostout|local-files|sandbox)(\.rest)?\.js$/,
    /^dist\/python\/(_hostout|zc)\/[\w/]+\.py$/,
    /^dist\/deploy\/host\/rsync-shell\.js$/,
    /^docs\/(?!architecture)[\w-]+\.md$/,
    /^docs\/events\.schema\.json$/,
    /^man\/(buildout|hostout)(\.1|\.cfg\.5)$/,
    /^recipes\/(plugins\/)?[\w-]+\/README\.md$/,
  ];
  const paths = files.map(({ path }) => path);
  expect(paths.filter((path) => !needed.some((pattern) => pattern.test(path)))).toEqual([]);
  for (const pattern of needed) expect(paths.some((path) => pattern.test(path))).toBe(true);
});
