// A web site with two processes under supervisord, installed from real Debian packages: a pin that cannot
// be satisfied, a release that serves errors, and the rollback.
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { TestProject } from "../support/deploy-project.ts";
import { type BareHost, hostsMissing, startBareHost } from "../support/hosts/host.ts";
import { indexMissing } from "../support/index-server.ts";
import { eventually } from "../support/servers.ts";
import { RESTART, SITE_PACKAGES, takeWheels, versionsOf } from "../support/supervised-site.ts";
import { writeWheel } from "../support/wheel.ts";

const MINUTES = 60_000;
const PATH = "/home/admin/site";
const PORTS = [8081, 8082];
const REAL = ["setuptools", "supervisor", "waitress"];

/** Prints the response of each process, one per line. */
const ASK = `import urllib.request, urllib.error
for port in ${JSON.stringify(PORTS)}:
    try:
        answer = urllib.request.urlopen("http://127.0.0.1:%d/" % port, timeout=60)
        print(answer.status, answer.read().decode().strip())
    except urllib.error.HTTPError as error:
        print(error.code)
    except OSError:
        print("down")
`;

/** Sends requests until /tmp/enough exists, and counts the responses in /tmp/answers. */
const WATCH = `import collections, os, runpy, io, contextlib, time
counts = collections.Counter()
while not os.path.exists("/tmp/enough"):
    said = io.StringIO()
    with contextlib.redirect_stdout(said): runpy.run_path("/tmp/ask.py")
    counts.update(said.getvalue().splitlines())
    with open("/tmp/answers.new", "w") as file: file.write(repr(dict(counts)))
    os.rename("/tmp/answers.new", "/tmp/answers")
    time.sleep(0.05)
os.rename("/tmp/enough", "/tmp/ended")
`;

const missing = hostsMissing ?? indexMissing;

let host: BareHost;
let project: TestProject;
let pins: Map<string, string>;

/** Makes the project that of a release: its application has this version and answers so. */
function become(version: string, answer: string): void {
  writeWheel(join(project.directory, "wheels"), "shop", version, {
    files: { "shop.py": `def application(environ, start_response):\n    ${answer}\n` },
  });
  pin(version);
}

function pin(version: string): void {
  pins.set("shop", version);
  const versions = versionsOf(pins);
  project.write({
    "versions.cfg": versions,
    "prod.cfg": `[buildout]
parts = web supervisor
find-links = wheels
allow-hosts =
versions = versions
[web]
recipe = zc.recipe.egg
eggs =
    shop
    waitress
[supervisor]
recipe = collective.recipe.supervisor
port = 127.0.0.1:9001
programs =
${PORTS.map((port, at) => `    10 web${at + 1} (startsecs=0) \${buildout:bin-directory}/waitress-serve [--listen=127.0.0.1:${port} shop:application]\n`).join("")}${versions}`,
  });
}

const serves = (text: string) =>
  `start_response("200 OK", [("Content-Type", "text/plain")]); return [b"${text}"]`;
const answers = () => host.run("python3 /tmp/ask.py").trim().split("\n");
const bothServe = (text: string) => eventually(async () => expect(answers()).toEqual([text, text]));

beforeAll(async () => {
  if (missing !== undefined) return;
  host = await startBareHost({ network: "own", sudo: "nopasswd", packages: SITE_PACKAGES });
  host.run("cat > /tmp/ask.py", ASK);
  host.run("cat > /tmp/watch.py", WATCH);
  project = new TestProject({});
  pins = await takeWheels(project, REAL);
  become("1.0", serves("release 1"));
  const lines = project.hostLines(host, {
    path: PATH,
    "known-hosts": host.knownHosts,
    include: "wheels",
    "post-commands": RESTART,
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
  `a site goes on through a broken pin, and is back after a release that serves errors ${missing ?? ""}`,
  async () => {
    expect(REAL.filter((name) => !pins.has(name))).toEqual([]);
    const deploy = () => project.hostout("host1", "deploy");
    expect(await deploy()).toMatchObject({ status: 0 });
    await bothServe("200 release 1");
    expect(host.run("ps -eo args")).toMatch(/python3 bin\/supervisord$/m);

    become("2.0", serves("release 2"));
    expect(await deploy()).toMatchObject({ status: 0 });
    await bothServe("200 release 2");

    // Version 3.0 has never been built.
    pin("3.0");
    host.run("setsid python3 /tmp/watch.py > /tmp/watch.log 2>&1 < /dev/null &");
    await eventually(() => host.run("test -e /tmp/answers"));
    const failed = await deploy();
    expect([failed.status, failed.stdout]).toEqual([1, expect.stringMatching(/shop.*3\.0/)]);
    expect(failed.stderr).toMatch(/The files of release 2 \(\w{12}\) are back in place/);
    host.run("touch /tmp/enough");
    await eventually(() => host.run("test -e /tmp/ended"));
    expect(host.run("cat /tmp/answers")).toMatch(/^\{'200 release 2': \d+\}$/);
    // The scripts belong to release 2, too.
    expect(host.run(`${PATH}/bin/supervisorctl restart all`)).toContain("web1: started");
    await bothServe("200 release 2");

    become("3.1", 'raise RuntimeError("out of stock")');
    expect(await deploy()).toMatchObject({ status: 0 });
    await bothServe("500");

    const start = performance.now();
    const back = await project.hostout("host1", "rollback", "--reason", "serves errors");
    expect([back.stderr, back.status]).toEqual(["", 0]);
    await bothServe("200 release 2");
    const seconds = (performance.now() - start) / 1000;
    console.log(`back within ${seconds.toFixed(1)} s`);

    const { stdout } = await project.hostout("host1", "releases");
    expect(stdout).toMatch(/^ {3}1 .* ok$/m);
    expect(stdout).toMatch(/^\* {2}2 .* ok$/m);
    expect(stdout).toMatch(/^ {3}\(?3\)? .* failed$/m);
    expect(stdout).toMatch(/^ {3}4 .* bad: serves errors$/m);
  },
  30 * MINUTES,
);
