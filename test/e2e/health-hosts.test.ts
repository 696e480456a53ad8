// A web site under supervisord on Debian: a release that starts, and dies after 4 seconds, is caught and rolled back.
import { copyFileSync, mkdirSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { TestProject } from "../support/deploy-project.ts";
import { type BareHost, hostsMissing, startBareHost } from "../support/hosts/host.ts";
import { NODE_PACKAGES } from "../support/hosts/root.ts";
import { debianWheels, indexMissing } from "../support/index-server.ts";
import { eventually } from "../support/servers.ts";

const MINUTES = 60_000;
const PATH = "/home/admin/site";
const REAL = ["setuptools", "supervisor"];
const missing = hostsMissing ?? indexMissing;

let host: BareHost;
let project: TestProject;
const pins = new Map<string, string>();

/** Makes the project that of a release: what it serves, and the seconds that it lives for. */
function become(text: string, seconds: string): void {
  const versions = [...pins].map((one) => `${one.join(" = ")}\n`).join("");
  project.write({
    "files/web.py": `import http.server, sys, threading, os
class Answer(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"${text}")
def die():
    print("out of memory", file=sys.stderr, flush=True)
    os._exit(3)
if ${seconds}: threading.Timer(${seconds}, die).start()
http.server.HTTPServer(("127.0.0.1", 8081), Answer).serve_forever()
`,
    "prod.cfg": `[buildout]
parts = supervisor
find-links = wheels
allow-hosts =
versions = versions
[supervisor]
recipe = collective.recipe.supervisor
port = 127.0.0.1:9001
programs = 10 web (startsecs=0 autorestart=true stdout_logfile=\${buildout:directory}/var/log/web.log) /usr/bin/python3 [files/web.py] \${buildout:directory} true
[versions]
${versions}`,
  });
}

beforeAll(async () => {
  if (missing !== undefined) return;
  const packages = [...NODE_PACKAGES, "python3-pip", "python3-venv"];
  host = await startBareHost({ network: "own", sudo: "nopasswd", packages });
  project = new TestProject({});
  const wheels = await debianWheels();
  mkdirSync(join(project.directory, "wheels"), { recursive: true });
  for (const file of readdirSync(wheels)) {
    const [name, version] = file.split("-");
    if (!REAL.includes(name!)) continue;
    copyFileSync(join(wheels, file), join(project.directory, "wheels", file));
    pins.set(name!, version!);
  }
  become("one", "0");
  const lines = project.hostLines(host, {
    path: PATH,
    "known-hosts": host.knownHosts,
    include: "wheels\nfiles",
    "pre-commands": "mkdir -p var/log",
    "post-commands": `bin/supervisorctl pid > /dev/null || bin/supervisord
bin/supervisorctl update
bin/supervisorctl restart all`,
    "health-check": "http://127.0.0.1:8081/",
    "health-passes": "8",
    "health-timeout": "25",
    "health-logs": "var/log/web.log",
  });
  project.write({
    "buildout.cfg": `[buildout]\nextends = prod.cfg\nparts = host1\n[host1]\n${lines}`,
  });
  const { status, stderr } = await project.buildout();
  expect([status, stderr]).toEqual([0, expect.any(String)]);
}, 15 * MINUTES);

afterAll(async () => {
  project?.remove();
  await host?.close();
});

test.skipIf(missing !== undefined)(
  `a release that dies after 4 seconds is caught, and the one before serves again ${missing ?? ""}`,
  async () => {
    const served = () =>
      host.run(
        "python3 -c 'import urllib.request as u; print(u.urlopen(\"http://127.0.0.1:8081\").read())'",
      );
    const first = await project.hostout("host1", "deploy");
    expect([first.stderr, first.status]).toEqual(["", 0]);
    expect(first.stdout).toContain("host1 is healthy: 8 passes in a row");
    become("two", "4");
    const failed = await project.hostout("host1", "deploy");
    expect([failed.status, failed.stderr]).toEqual([
      1,
      expect.stringContaining("did not pass 8 times in a row"),
    ]);
    expect(failed.stderr).toMatch(/ {2}var\/log\/web.log:\n(?: {4}.*\n)*? {4}out of memory\n/);
    expect(failed.stderr).toMatch(
      /\n {2}host1 is at release 1 \(\w{12}\) again, which is healthy\.\n$/,
    );
    await eventually(() => expect(served()).toContain("one"));
    expect((await project.hostout("host1", "releases")).stdout).toMatch(/ 2 .* bad: unhealthy$/m);
  },
  15 * MINUTES,
);
