// A web site under supervisord on Debian hosts: a release that starts and ends after 4 seconds is detected
// on the first of eight hosts and rolled back there, and also on a host where root runs supervisord.
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { TestProject } from "../support/deploy-project.ts";
import { type BareHost, hostsMissing, startBareHost } from "../support/hosts/host.ts";
import { indexMissing } from "../support/index-server.ts";
import {
  RESTART,
  SITE_PACKAGES,
  SITE_URL,
  siteRelease,
  takeWheels,
} from "../support/supervised-site.ts";
import { differences, treeOf } from "../support/tree.ts";

const MINUTES = 60_000;
const NAMES = Array.from({ length: 8 }, (_, index) => `web${index + 1}`);
const missing = hostsMissing ?? indexMissing;

/** The common settings of the hosts. */
const OPTIONS = {
  include: "wheels\nfiles",
  "pre-commands": "mkdir -p var/log",
  "post-commands": RESTART,
  "health-check": SITE_URL,
  "health-passes": "8",
  "health-timeout": "25",
  "health-logs": "var/log/web.log var/log/supervisord.log",
};

const served = (host: BareHost) =>
  host.run(`python3 -c 'import urllib.request as u; print(u.urlopen("${SITE_URL}").read())'`);
/** When each process of the site was started, and its number. */
const processes = (host: BareHost) =>
  host
    .run("ps -eo pid=,lstart=,args=")
    .split("\n")
    .filter((line) => /supervisord|web\.py/.test(line));

const start = () => startBareHost({ network: "own", sudo: "nopasswd", packages: SITE_PACKAGES });

describe.skipIf(missing !== undefined)(`one that dies after a while ${missing ?? ""}`, () => {
  let project: TestProject;
  let pins: Map<string, string>;

  beforeAll(async () => {
    project = new TestProject({});
    pins = await takeWheels(project, ["setuptools", "supervisor"]);
  }, 15 * MINUTES);

  afterAll(() => project?.remove());

  /** Makes hosts parts, each with a directory of its own. */
  async function configure(
    hosts: ReadonlyMap<string, BareHost>,
    options: Record<string, string>,
  ): Promise<void> {
    const names = [...hosts.keys()];
    const parts = [...hosts].map(([name, host]) => {
      const own = { ...OPTIONS, "known-hosts": host.knownHosts, ...options };
      return `[${name}]\n${project.hostLines(host, own)}`;
    });
    project.write({
      "buildout.cfg": `[buildout]\nextends = prod.cfg\nparts = ${names.join(" ")}\n${parts.join("")}`,
    });
    const { status, stderr } = await project.buildout();
    expect([status, stderr]).toEqual([0, expect.any(String)]);
  }

  test(
    "is caught on the first of eight hosts; the others are not touched",
    async () => {
      const path = "/home/admin/site";
      const named = new Map<string, BareHost>();
      for (const name of NAMES) {
        const host = await start();
        onTestFinished(() => host.close());
        named.set(name, host);
      }
      const [canary, ...others] = [...named.values()] as [BareHost, ...BareHost[]];
      project.write(siteRelease(pins, "one"));
      await configure(named, { path, rollout: "1 100%" });
      const first = await project.hostout("-P", "all", "deploy");
      expect([first.stderr, first.status]).toEqual(["", 0]);
      expect(first.stdout).toContain("web8 is healthy: passed 8 times in a row");
      const states = () =>
        others.map((host) => ({
          tree: treeOf(join(host.root, path)),
          processes: processes(host),
        }));
      const before = states();
      expect(before[0]!.processes).toHaveLength(2);

      project.write(siteRelease(pins, "two", 4));
      const { status, stdout, stderr } = await project.hostout("-P", "all", "deploy");
      expect(status).toBe(1);
      expect(stderr).toContain(
        `web1 is not healthy: '${SITE_URL}' did not pass 8 times in a row within 25 s.`,
      );
      expectEvidence(stderr);
      expect(stderr).toMatch(/\n {2}web1 is at release 1 \(\w{12}\) again, which is healthy\.\n/);
      expect(stdout).toMatch(/^web1 {2}rolled back .*\nweb2 {2}not reached\n/m);
      expect(stdout).toMatch(/^0 of 8 hosts done, 1 rolled back, 7 not reached\.$/m);
      expect(served(canary)).toContain("one");
      expect((await project.hostout("web1", "releases")).stdout).toMatch(/ 2 .* bad: unhealthy$/m);

      for (const [index, after] of states().entries()) {
        const { tree, processes: ran } = before[index]!;
        expect(differences(after.tree, tree)).toEqual([]);
        expect(after.processes).toEqual(ran);
        expect(served(others[index]!)).toContain("one");
      }
    },
    30 * MINUTES,
  );

  test(
    "is caught where root runs it and another user asks",
    async () => {
      const host = await start();
      onTestFinished(() => host.close());
      project.write(siteRelease(pins, "one"));
      await configure(new Map([["root1", host]]), {
        ...{ path: "/var/buildout/site", parts: "", "sudo-parts": "supervisor" },
        ...{ "no-sudo": "", "buildout-user": "builder", "effective-user": "runner" },
      });
      const first = await project.hostout("root1", "deploy");
      expect([first.stderr, first.status]).toEqual(["", 0]);
      expect(host.run("ps -eo user=,args=")).toMatch(/^root .*bin\/supervisord$/m);
      project.write(siteRelease(pins, "two", 4));
      const { status, stderr } = await project.hostout("root1", "deploy");
      expect([status, stderr]).toEqual([1, expect.stringContaining("root1 is not healthy")]);
      expectEvidence(stderr);
      expect(stderr).toMatch(/root1 is at release 1 \(\w{12}\) again, which is healthy/);
      expect(served(host)).toContain("one");
    },
    30 * MINUTES,
  );
});

/** The last lines of the logs: the output of the application, and how it ended. */
function expectEvidence(stderr: string): void {
  expect(stderr).toMatch(/ {2}var\/log\/web.log:\n(?: {4}.*\n)*? {4}out of memory\n/);
  expect(stderr).toMatch(/\n {4}.* exited: web \(exit status 3; not expected\)\n/);
}
