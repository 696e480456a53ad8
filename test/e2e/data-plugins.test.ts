import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { TestProject } from "../support/deploy-project.ts";
import { startSandboxServer, type TestServer } from "../support/servers.ts";

let server: TestServer;
let project: TestProject;

beforeEach(async () => {
  server = await startSandboxServer();
  project = new TestProject({ "prod.cfg": "[buildout]\nparts =\n" });
});

afterEach(async () => {
  project.remove();
  await server.close();
});

async function configure(buildout: string, options: Record<string, string>): Promise<void> {
  const lines = project.hostLines(server, options);
  project.write({ "buildout.cfg": `[buildout]\nparts = host1\n${buildout}[host1]\n${lines}` });
  expect((await project.buildout()).status).toBe(0);
}

const read = (...path: string[]) => readFileSync(join(...path), "utf8");

describe("hostout.datafs", () => {
  test("pull and push make directories alike, after a yes", async () => {
    await configure("", { extends: "hostout.datafs", data: "var/data" });
    const remote = join(server.home, "app/var/data");
    mkdirSync(join(remote, "deep"), { recursive: true });
    writeFileSync(join(remote, "deep/a"), "from the host");
    writeFileSync(join(remote, "x.log"), "the host's log");
    project.write({ "var/data/old": "", "var/data/x.log": "my log" });

    const asked = await project.hostout("host1", "pull");
    expect(asked.status).toBe(1);
    expect(asked.stderr).toContain("There is no terminal to ask: Replace var/data in ");
    expect(existsSync(join(project.directory, "var/data/old"))).toBe(true);

    const pulled = await project.hostout("host1", "pull", "--yes");
    expect(pulled.stdout).toContain("Hostout: var/data now matches host1");
    expect(read(project.directory, "var/data/deep/a")).toBe("from the host");
    expect(existsSync(join(project.directory, "var/data/old"))).toBe(false);
    expect(read(project.directory, "var/data/x.log")).toBe("my log");

    project.write({ "var/data/deep/a": "from here" });
    expect((await project.hostout("host1", "push", "var/data", "--yes")).status).toBe(0);
    expect(read(remote, "deep/a")).toBe("from here");
    expect(read(remote, "x.log")).toBe("the host's log");

    for (const wrong of ["../other", "/etc", "var/none"]) {
      const refused = await project.hostout("host1", "push", "--yes", wrong);
      expect(refused.status).toBe(1);
      expect(refused.stderr).toMatch(/is not below the buildout|There is no directory/);
    }
  });
});

describe("hostout.mrdeveloper", () => {
  const git = (folder: string, ...args: string[]) =>
    execFileSync("git", ["-c", "user.name=t", "-c", "user.email=t@example.com", ...args], {
      cwd: join(project.directory, folder),
      stdio: "pipe",
    });

  test("refuses to deploy changes that are not committed and pushed", async () => {
    project.write({
      "src/one/package.json": JSON.stringify({ name: "one", version: "1.0.0" }),
      "src/two/package.json": JSON.stringify({ name: "two", version: "1.0.0" }),
    });
    for (const folder of ["src/one", "src/two"]) {
      git(folder, "init", "-q");
      git(folder, "add", ".");
      git(folder, "commit", "-q", "-m", "first");
    }
    git("src/one", "init", "-q", "--bare", "../../one.git");
    git("src/one", "remote", "add", "origin", "../../one.git");
    await configure("develop = src/one src/two\n", { extends: "hostout.mrdeveloper" });

    const unpushed = await project.hostout("host1", "deploy");
    expect(unpushed.status).toBe(1);
    expect(unpushed.stderr).toMatch(/src\/one:\n +not pushed: \w+ first/);
    expect(unpushed.stderr).not.toContain("src/two");
    expect(existsSync(join(server.home, "app"))).toBe(false);

    git("src/one", "push", "-q", "origin", "HEAD:main");
    git("src/one", "fetch", "-q");
    expect((await project.hostout("host1", "checksources")).status).toBe(0);

    project.write({ "src/two/new.js": "" });
    const uncommitted = await project.hostout("host1", "deploy");
    expect(uncommitted.status).toBe(1);
    expect(uncommitted.stderr).toMatch(/src\/two:\n +not committed: \?\? new\.js/);
  });

  test("a directory in no working copy is a warning", async () => {
    project.write({ "src/one/package.json": JSON.stringify({ name: "one", version: "1.0.0" }) });
    await configure("develop = src/one\n", { extends: "hostout.mrdeveloper" });
    const { status, stderr } = await project.hostout("host1", "checksources");
    expect(status).toBe(0);
    expect(stderr).toContain("src/one is not in a working copy");
  });
});
