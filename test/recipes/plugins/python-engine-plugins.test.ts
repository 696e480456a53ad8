/** hostout.docker and hostout.pushdeploy with the real zc.buildout. */
import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { TestProject } from "../../support/deploy-project.ts";
import { asUser, runSteps } from "../../support/dockerfile-steps.ts";
import { HELLO_RECIPE } from "../../support/hello-recipe.ts";
import { hostsMissing, startBareHost } from "../../support/hosts/host.ts";
import { cachedZcBuildout } from "../../support/hosts/zc-buildout.ts";
import { indexMissing, type PackageIndex, startPackageIndex } from "../../support/index-server.ts";
import { processesThatShow } from "../../support/processes.ts";
import { startSandboxServer, type TestServer } from "../../support/servers.ts";

const MINUTES = 60_000;
const missing = hostsMissing ?? indexMissing;

const FILES = {
  "src/hello/setup.py": `from setuptools import setup
setup(
    name="hello", version="1.0", packages=["hello"], install_requires=["six"],
    entry_points={"zc.buildout": ["default = hello.recipe:Recipe"]},
)
`,
  "src/hello/hello/__init__.py": `import six
def main():
    print(six.ensure_str("hello from " + __file__))
`,
  "src/hello/hello/recipe.py": HELLO_RECIPE,
};

const PASSWORD = "pass-of-the-index";

describe.skipIf(missing !== undefined)(`engine = python ${missing ?? ""}`, () => {
  let index: PackageIndex;
  let server: TestServer;
  let project: TestProject;
  let version: string;
  /** Requires a login, and at each request looks for processes that show it. */
  let watched: Server;
  const asked: string[] = [];
  const shown: string[] = [];
  const address = () =>
    Object.assign(new URL(index.url), {
      ...{ username: "me", password: PASSWORD },
      port: String((watched.address() as AddressInfo).port),
    }).href;

  beforeAll(async () => {
    const wheel = await cachedZcBuildout();
    version = /zc_buildout-([^-]+)-/.exec(wheel)![1]!;
    index = await startPackageIndex({ extra: [wheel] });
    watched = createServer(({ url = "", headers }, response) => {
      shown.push(...processesThatShow(PASSWORD));
      if (headers.authorization === undefined) {
        response.writeHead(401, { "www-authenticate": "Basic" }).end();
        return;
      }
      asked.push(url);
      response.writeHead(302, { location: new URL(url, index.url).href }).end();
    });
    await new Promise<void>((resolve) => watched.listen(0, "127.0.0.1", resolve));
    server = await startSandboxServer();
    project = new TestProject(FILES);
  }, 10 * MINUTES);

  afterAll(async () => {
    project?.remove();
    await server?.close();
    watched?.close();
    await index?.close();
  });

  async function configure(options: Record<string, string>): Promise<void> {
    const lines = project.hostLines(server, { engine: "python", ...options });
    const pins = `[versions]\nzc.buildout = ${version}\nsix = 1.16.0\n`;
    project.write({
      "base.cfg": `[buildout]\nparts =\ndevelop = src/hello\nindex = ${index.url}\n${pins}`,
      "prod.cfg": "[buildout]\nextends = base.cfg\nparts = app\n[app]\nrecipe = hello\n",
      "buildout.cfg": `[buildout]\nextends = base.cfg\nindex = ${address()}\nparts = host1\n[host1]\n${lines}`,
    });
    expect((await project.buildout()).stderr).toBe("");
    for (const list of [asked, shown]) list.splice(0);
  }

  test(
    "a tree that zc.buildout has staged works where it is pushed to",
    async () => {
      const app = join(server.home, "app");
      mkdirSync(join(app, "var"), { recursive: true });
      const staging = join(project.scratch, "staging");
      await configure({ extends: "hostout.pushdeploy", staging, restart: "bin/hello > var/said" });
      const { stderr, status } = await project.hostout("host1", "deploy");
      expect(stderr).not.toContain("Error");
      expect(status).toBe(0);
      expect(readFileSync(join(app, "var/said"), "utf8")).toMatch(
        new RegExp(`^hello from ${app}/buildout-cache/eggs/.*hello-1.0`),
      );
      expect(() => execFileSync("grep", ["-r", "--exclude=*.pyc", staging, app])).toThrow();
      expect(asked.join(" ")).toContain("zc-buildout");
      expect(shown).toEqual([]);
      expect(() => execFileSync("grep", ["-r", PASSWORD, app, staging])).toThrow();
    },
    5 * MINUTES,
  );

  test(
    "the image's steps install zc.buildout, which builds the parts",
    async () => {
      const path = "/var/buildout/hello";
      await configure({
        extends: "hostout.docker",
        hostimage: "debian:bookworm-slim",
        path,
        "docker-command": "bin/hello",
      });
      expect((await project.hostout("host1", "dockerfile")).stderr).toBe("");
      const context = join(project.directory, "docker/host1");
      const host = await startBareHost({
        network: "shared",
        packages: ["python3", "python3-venv", "python3-pip"],
      });
      try {
        const image = await runSteps(
          host,
          readFileSync(join(context, "Dockerfile"), "utf8"),
          context,
          { "hostout-netrc": `machine 127.0.0.1 login me password ${PASSWORD}\n` },
        );
        expect(asked.join(" ")).toContain("zc-buildout");
        expect(shown).toEqual([]);
        expect(host.attempt(`grep -r ${PASSWORD} /var /home /etc /opt`).stdout).toBe("");
        expect(image.user).toBe("buildout");
        const said = host.run(asUser(image.user, image.folder, image.command));
        expect(said).toMatch(
          /^hello from \/var\/buildout\/buildout-cache\/buildout\/eggs\/.*hello-1/,
        );
        expect(host.attempt("command -v node").status).not.toBe(0);
      } finally {
        await host.close();
      }
    },
    15 * MINUTES,
  );
});
