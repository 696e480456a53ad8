// The example in the README that this package grew out of: fixtures/seed, as printed there except for one
// misspelling (docs/differences.md).
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { TestProject } from "../support/deploy-project.ts";
import { indexMissing, type PackageIndex, startPackageIndex } from "../support/index-server.ts";
import type { Running } from "../support/running.ts";
import { eventually, freePort, startSandboxServer, type TestServer } from "../support/servers.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const seed = join(root, "fixtures/seed");

const ANSWER = "Powered by collective.hostout!";

/** The response of a web server once it is running. */
async function answerOf(port: number): Promise<string> {
  const end = Date.now() + 60_000;
  for (;;) {
    try {
      return await (await fetch(`http://127.0.0.1:${port}/`)).text();
    } catch (error) {
      if (Date.now() > end) throw error;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}

function seedFiles(): Record<string, string> {
  const names = readdirSync(seed, { recursive: true, encoding: "utf8" });
  const files = names.filter((name) => /\.(cfg|py)$/.test(name));
  return Object.fromEntries(files.map((name) => [name, readFileSync(join(seed, name), "utf8")]));
}

describe.skipIf(indexMissing)("the example of the seed document", () => {
  let index: PackageIndex;
  let project: TestProject;
  let server: TestServer;
  const running: (() => unknown)[] = [];

  /** The user's own settings name the index, so that the configuration can stay as printed. */
  function usesIndex(home: string): void {
    const file = join(home, ".config/pip/pip.conf");
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, `[global]\nindex-url = ${index.url}\n`);
  }

  beforeAll(async () => {
    index = await startPackageIndex();
    project = new TestProject(seedFiles());
    server = await startSandboxServer();
    usesIndex(project.scratch);
    usesIndex(server.home);
  });

  afterAll(async () => {
    for (const stop of running.reverse()) await stop();
    await server?.close();
    project?.remove();
    await index?.close();
  });

  const bin = (name: string, ...args: string[]): Running =>
    project.run(join(project.directory, "bin", name), args);

  async function built(...args: string[]): Promise<string> {
    const outcome = await bin("buildout", ...args).outcome;
    expect(outcome).toMatchObject({ status: 0, stderr: "" });
    return outcome.stdout;
  }

  test("bootstrap writes bin/buildout", async () => {
    expect(await project.buildout("-c", "base.cfg", "bootstrap")).toMatchObject({ status: 0 });
    expect(existsSync(join(project.directory, "bin/buildout"))).toBe(true);
  });

  test("development: bin/buildout -c base.cfg, bin/paster serve parts/demo/paster.ini", async () => {
    const port = await freePort();
    const output = await built("-c", "base.cfg", `pasterini:port=${port}`);
    expect(output).toMatch(/^Develop: '.*\/src\/hellowsgi'\nInstalling demo\.\n/);
    expect(output).toContain("Got PasteScript ");
    const paster = bin("paster", "serve", "parts/demo/paster.ini");
    try {
      expect(await answerOf(port)).toBe(ANSWER);
    } finally {
      paster.child.kill();
      await paster.outcome;
    }
  });

  test("with nothing to do, a run with -N asks nothing of the index", async () => {
    const port = "1";
    await built("-c", "base.cfg", `pasterini:port=${port}`);
    const before = index.requests.length;
    expect(await built("-N", "-c", "base.cfg", `pasterini:port=${port}`)).toMatch(
      /Updating demo\.\nUpdating pasterini\.\n$/,
    );
    expect(index.requests.length).toBe(before);
  });

  test("production: supervisord keeps the application up", async () => {
    const [port, control] = [await freePort(), await freePort()];
    await built("-c", "prod.cfg", `pasterini:port=${port}`, `supervisor:port=127.0.0.1:${control}`);
    expect(await bin("supervisord").outcome).toMatchObject({ status: 0 });
    try {
      expect(await answerOf(port)).toBe(ANSWER);
      await eventually(async () => {
        const { stdout } = await bin("supervisorctl", "status").outcome;
        expect(stdout).toMatch(/^demo +RUNNING/);
      });
    } finally {
      expect((await bin("supervisorctl", "shutdown").outcome).stdout).toContain("Shut down");
    }
  });

  test("deployment: bin/buildout pins every distribution of the development buildout", async () => {
    const output = await built(
      ...[`host1:host=${server.host}:${server.port}`, `host1:user=${server.user}`],
      ...[`host1:identity-file=${server.key}`, "host1:accept-new=true", "host1:no-sudo=true"],
      ...[`host1:known-hosts=${join(project.scratch, "known_hosts")}`],
      ...[`host1:path=${join(server.home, "demo")}`],
    );
    expect(output).toContain("Installing host1.");
    const versions = readFileSync(join(project.directory, "hostoutversions.cfg"), "utf8");
    expect(versions).toMatch(
      /^\[versions\]\nPasteScript = [\d.]+\nhellowsgi = 0\.1\n\n# Required by:/,
    );
    expect(versions).toMatch(
      /\n# Required by:\n# Paste==[\d.]+\n# PasteScript==[\d.]+\nsix = [\d.]+\n/,
    );
    expect(versions).toMatch(/\n# Required by:\n# hellowsgi==0\.1\nWebOb = [\d.]+\n/);
    const names = [...versions.matchAll(/^(\S+) = /gm)].map(([, name]) => name);
    const expected = ["PasteScript", "hellowsgi", "Paste", "PasteDeploy", "Tempita", "WebOb"];
    expect(names).toEqual([...expected, "setuptools", "six"]);
  });

  test("deployment: bin/hostout host1 deploy, and the application answers there", async () => {
    const [port, control] = [await freePort(), await freePort()];
    const prod = readFileSync(join(project.directory, "prod.cfg"), "utf8");
    project.write({
      "prod.cfg": `${prod.replace("port = 80", `port = ${port}`)}\n[supervisor]\nport = 127.0.0.1:${control}\n`,
    });
    const app = join(server.home, "demo");
    running.push(() => project.run(join(app, "bin/supervisorctl"), ["shutdown"]).outcome);
    const first = await project.hostout("host1", "deploy");
    expect(first).toMatchObject({ status: 0 });
    expect(first.stdout).toMatch(
      /Develop egg src\/hellowsgi changed\. Releasing with hash h\w{12}/,
    );
    expect(first.stdout).toMatch(/Eggs to transport:\n\thellowsgi = 0\.1\+h\w{12}\n/);
    expect(await answerOf(port)).toBe(ANSWER);
    expect(readFileSync(join(app, "bin/paster"), "utf8")).toMatch(/hellowsgi-0\.1\+h\w{12}/);

    const module = join(project.directory, "src/hellowsgi/hellowsgi/__init__.py");
    const second = await project.hostout("host1", "deploy");
    expect(second.stdout).toContain("All develop eggs are already on the host");
    writeFileSync(module, readFileSync(module, "utf8").replace("Powered", "Still powered"));
    const third = await project.hostout("host1", "deploy");
    expect(third).toMatchObject({ status: 0 });
    expect(third.stdout).toMatch(/Eggs to transport:\n\thellowsgi = 0\.1\+h\w{12}\n/);
    const restarted = project.run(join(app, "bin/supervisorctl"), ["restart", "demo"]);
    expect(await restarted.outcome).toMatchObject({ status: 0 });
    expect(await answerOf(port)).toBe(ANSWER.replace("Powered", "Still powered"));
  });
});
