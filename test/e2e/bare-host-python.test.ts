import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { TestProject } from "../support/deploy-project.ts";
import { HELLO_RECIPE } from "../support/hello-recipe.ts";
import { type BareHost, hostsMissing, startBareHost } from "../support/hosts/host.ts";
import { cachedZcBuildout } from "../support/hosts/zc-buildout.ts";
import { indexMissing, type PackageIndex, startPackageIndex } from "../support/index-server.ts";
import { eventually, freePort } from "../support/servers.ts";

const MINUTES = 60_000;
const PATH = "/var/buildout/demo";
const missing = hostsMissing ?? indexMissing;

/** An application and the recipe that installs it, in one package of Python. */
const files = (status: number) => ({
  "src/hello/setup.py": `from setuptools import setup
setup(
    name="hello", version="1.0", packages=["hello"], install_requires=["six"],
    entry_points={"zc.buildout": ["default = hello.recipe:Recipe"]},
)
`,
  "src/hello/hello/__init__.py": `import os, sys
from http.server import BaseHTTPRequestHandler, HTTPServer
import six

class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(${status})
        self.end_headers()
        self.wfile.write(six.b("hello from %d at %s\\n" % (os.getuid(), __file__)))

def main():
    HTTPServer(("127.0.0.1", int(sys.argv[1])), Handler).serve_forever()
`,
  "src/hello/hello/recipe.py": HELLO_RECIPE,
});

/** Ends the application, and starts it again. */
const RESTART =
  `if [ -f var/pid ]; then p=$(cat var/pid); kill $p; while kill -0 $p; do sleep 0.1; done; fi
setsid bin/hello PORT >var/log 2>&1 </dev/null & echo $! >var/pid`.replaceAll("\n", "; ");

describe.skipIf(missing !== undefined)(`engine = python on a bare host ${missing ?? ""}`, () => {
  let host: BareHost;
  let project: TestProject;
  let index: PackageIndex;
  let port: number;
  let version: string;

  beforeAll(async () => {
    const wheel = await cachedZcBuildout();
    version = /zc_buildout-([^-]+)-/.exec(wheel)![1]!;
    index = await startPackageIndex({ extra: [wheel] });
    host = await startBareHost({ network: "shared", sudo: "nopasswd" });
    project = new TestProject(files(200));
    port = await freePort();
    configure({});
  }, 15 * MINUTES);

  afterAll(async () => {
    project?.remove();
    await host?.close();
    await index?.close();
  });

  function configure(options: Record<string, string>): void {
    const lines = project.hostLines(host, {
      path: PATH,
      "no-sudo": "",
      engine: "python",
      "buildout-user": "builder",
      "effective-user": "runner",
      "post-commands": `su runner -c '${RESTART.replace("PORT", String(port))}'`,
      "health-check": `http://127.0.0.1:${port}/`,
      "health-passes": "2",
      "health-logs": "var/log",
      ...options,
    });
    project.write({
      "base.cfg": `[buildout]\nparts =\ndevelop = src/hello\nindex = ${index.url}\n[versions]\nzc.buildout = ${version}\nsix = 1.16.0\n`,
      "prod.cfg": "[buildout]\nextends = base.cfg\nparts = app\n[app]\nrecipe = hello\n",
      "buildout.cfg": `[buildout]\nextends = base.cfg\nparts = host1\n[host1]\n${lines}`,
    });
  }

  const answer = () => eventually(async () => (await fetch(`http://127.0.0.1:${port}/`)).text());

  test(
    "the real zc.buildout builds there what was uploaded",
    async () => {
      expect((await project.buildout()).stderr).toBe("");
      const outcome = await project.hostout("host1", "deploy");
      if (process.env.SHOW) console.log(outcome.stdout, outcome.stderr);
      expect(outcome.stderr).not.toContain("Error");
      expect(outcome.status).toBe(0);
      const commands = [...outcome.stdout.matchAll(/Running command '(\w+)'/g)].map((m) => m[1]);
      expect(commands).toContain("bootstrap_python_debian");
      expect(commands).not.toContain("bootstrap_node");
      expect(outcome.stdout).toContain("host1 is healthy: passed 2 times in a row");
      expect(host.attempt("command -v node").status).not.toBe(0);
      expect(host.run(`${PATH}/bin/buildout --version`)).toMatch(/^buildout version \d/);
      const uid = host.run("id -u runner").trim();
      const egg = "/var/buildout/buildout-cache/builder/eggs/.*hello-1.0.h";
      expect(await answer()).toMatch(new RegExp(`^hello from ${uid} at ${egg}`));
    },
    15 * MINUTES,
  );

  test(
    "one that is not healthy is rolled back, as another user asks it",
    async () => {
      project.write(files(500));
      expect((await project.buildout()).stderr).toBe("");
      const { status, stderr } = await project.hostout("host1", "deploy");
      expect([status, stderr]).toEqual([1, expect.stringContaining("host1 is not healthy")]);
      expect(stderr).toMatch(/\n {4}(\d+ times )?HTTP 500: hello from \d+ at .*\n {2}var\/log:\n/);
      expect(stderr).toMatch(/host1 is at release 1 \(\w{12}\) again, which is healthy/);
      expect((await fetch(`http://127.0.0.1:${port}/`)).status).toBe(200);
      expect((await project.hostout("host1", "releases")).stdout).toMatch(/ 2 .* bad: unhealthy$/m);
    },
    15 * MINUTES,
  );

  test(
    "a second deployment needs the buildout user alone, and finds the same",
    async () => {
      project.write(files(200));
      configure({ "post-commands": "", "health-check": "" });
      expect((await project.buildout()).stderr).toBe("");
      host.run("passwd -l admin; rm -r ~admin/.ssh");
      const outcome = await project.hostout("host1", "deploy");
      expect(outcome.stderr).toBe("");
      expect(outcome.status).toBe(0);
      expect(outcome.stdout).toContain("out: Updating app.");
      expect(outcome.stdout).not.toContain("bootstrap");
    },
    15 * MINUTES,
  );
});
