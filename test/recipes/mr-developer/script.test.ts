import { cpSync, existsSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { TestProject } from "../../support/deploy-project.ts";
import { writeFiles } from "../../support/scratch.ts";
import { nodePackage, run } from "../../support/working-copies.ts";

const root = fileURLToPath(new URL("../../..", import.meta.url));

let project: TestProject;

beforeAll(() => {
  project = new TestProject({});
  const repository = join(project.scratch, "pkg");
  writeFiles(repository, nodePackage("pkg"));
  for (const args of [
    ["init", "--quiet"],
    ["add", "--all"],
    ["-c", "user.name=T", "-c", "user.email=t@example.com", "commit", "--quiet", "-m", "one"],
  ]) {
    run("git", args, repository);
  }
  project.write({
    "buildout.cfg": `[buildout]\nextensions = mr.developer\nauto-checkout = pkg\nparts =\n[sources]\npkg = git file://${repository}\nlib = git file://${repository}\n`,
  });
});

afterAll(() => project.remove());

const develop = (...args: string[]) =>
  project.start(join(project.directory, "bin/develop"), args).outcome;

test("bin/develop exists after a run, works from below the buildout, and returns its status", async () => {
  expect(await project.buildout("bootstrap")).toMatchObject({ status: 0, stderr: "" });
  expect(await project.start(join(project.directory, "bin/buildout"), []).outcome).toMatchObject({
    status: 0,
  });
  expect(await develop("list", "-s")).toMatchObject({ status: 0, stdout: "# lib\n  pkg\n" });
  expect(await develop("checkout", "nothing")).toMatchObject({
    status: 1,
    stderr: "Error: No package matched 'nothing'.\n",
  });
  expect((await develop("checkout")).status).toBe(2);
  expect((await project.buildout("develop", "list")).stdout).toBe("lib\npkg\n");
});

test("rebuild runs buildout with the last arguments and returns its status", async () => {
  const script = join(project.directory, "bin/buildout");
  expect((await project.start(script, ["-N", "buildout:log-level=DEBUG"]).outcome).status).toBe(0);
  const { status, stdout, stderr } = await develop("rebuild");
  expect(status).toBe(0);
  expect(stdout).toContain("Last used buildout arguments: -N buildout:log-level=DEBUG\n");
  expect(stdout).toContain("Skipped checkout of existing package 'pkg'.");
  expect(stderr).toContain("INFO: Running buildout.\n");
  // A rebuild does not repeat commands.
  await project.start(script, ["-o", "install", "_mr.developer"]).outcome;
  expect((await develop("arguments")).stdout).toContain("-N buildout:log-level=DEBUG");
  project.write({ "broken.cfg": "[buildout]\nextensions = mr.developer\nparts = x\n" });
  await project.start(script, ["-c", "broken.cfg"]).outcome;
  expect((await develop("rebuild")).status).toBe(1);
});

test("it works with the engine alone", async () => {
  rmSync(join(project.directory, "bin/develop"));
  const engine = join(project.directory, ".hostout/engine-0a1b2c.cjs");
  cpSync(join(root, "dist/engine.cjs"), engine);
  const { status } = await project.start(engine, ["buildout:parts="]).outcome;
  expect(status).toBe(0);
  expect(readFileSync(join(project.directory, "bin/develop"), "utf8")).toContain(engine);
  expect((await develop("--version")).stdout).toMatch(/^hostout \d/);
});

test("Ctrl-C ends the clone, and the next run starts over", async () => {
  const directory = join(project.scratch, "bin");
  const pid = join(project.scratch, "pid");
  // A clone that has begun and does not end.
  writeFiles(directory, {
    git: `#!/bin/sh\nfor last; do :; done\nmkdir -p "$last/.git"\necho $$ > "${pid}.new"\nmv "${pid}.new" "${pid}"\nexec sleep 600\n`,
  });
  run("chmod", ["+x", "git"], directory);
  rmSync(join(project.directory, "src/pkg"), { recursive: true });
  const before = process.env.PATH;
  vi.stubEnv("PATH", `${directory}:${before}`);
  const { child, outcome } = project.start(join(project.directory, "bin/buildout"), []);
  vi.unstubAllEnvs();
  await vi.waitFor(() => expect(existsSync(pid)).toBe(true), { timeout: 120_000 });
  const git = Number(readFileSync(pid, "utf8"));
  child.kill("SIGINT");
  expect((await outcome).status).toBe(130);
  await vi.waitFor(() => expect(() => process.kill(git, 0)).toThrow(), { timeout: 120_000 });
  expect(existsSync(join(project.directory, "src/pkg"))).toBe(false);
  expect((await project.buildout()).status).toBe(0);
  expect(existsSync(join(project.directory, "src/pkg/package.json"))).toBe(true);
  expect(existsSync(join(project.directory, "src/.pkg.checkout"))).toBe(false);
});
