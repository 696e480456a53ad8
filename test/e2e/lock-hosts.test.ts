// The lock on whole hosts: Debian's own programs, and BusyBox. `npm run faults` tries many more pairs.
import { copyFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { TestProject } from "../support/deploy-project.ts";
import { cachedBusybox, linkApplets } from "../support/hosts/busybox.ts";
import { type BareHost, hostsMissing, startBareHost } from "../support/hosts/host.ts";
import type { Running } from "../support/running.ts";
import { eventually } from "../support/servers.ts";

const PAIRS = Number(process.env.HOSTOUT_PAIRS ?? 5);
const MINUTES = 60_000;
const NAMES = ["one", "two"] as const;

/** Debian's BusyBox has no flock; ours has. */
async function useBusybox(host: BareHost): Promise<void> {
  copyFileSync(await cachedBusybox(), join(host.root, "usr/bin/own-busybox"));
  host.run(`mv /usr/bin/flock /usr/bin/flock.linux
ln -s /usr/bin/own-busybox /usr/local/bin/flock`);
  linkApplets(host);
}

describe.skipIf(hostsMissing).each([["Debian"], ["BusyBox"]])(
  `the lock with the programs of %s`,
  (kind) => {
    let host: BareHost;
    let projects: readonly [TestProject, TestProject];
    const path = "/home/admin/app";

    beforeAll(async () => {
      const packages = ["nodejs", ...(kind === "BusyBox" ? ["busybox"] : [])];
      host = await startBareHost({ network: "own", sudo: "nopasswd", packages });
      if (kind === "BusyBox") await useBusybox(host);
      projects = [await deployer(NAMES[0]), await deployer(NAMES[1])];
      expect(await deploy()).toMatchObject({ status: 0 });
    }, 15 * MINUTES);

    afterAll(async () => {
      for (const project of projects ?? []) project.remove();
      await host?.close();
    });

    /** Someone who deploys a unique tree. */
    async function deployer(name: string): Promise<TestProject> {
      const project = new TestProject({ "files/name": `${name}\n`, [`files/${name}`]: "" });
      write(project, name, "");
      project.writeHost(host, {
        path,
        include: "files",
        "known-hosts": host.knownHosts,
      });
      expect(await project.buildout()).toMatchObject({ status: 0, stderr: "" });
      return project;
    }

    function write(
      project: TestProject,
      name: string,
      number: number | string,
      command = ":",
    ): void {
      project.write({
        "prod.cfg": `[buildout]
parts = page slow
[page]
recipe = collective.recipe.template
output = parts/page
input = inline:
  ${name} ${number}
[slow]
recipe = plone.recipe.command
command = ${command}
update-command = \${:command}
`,
      });
    }

    /** Whose tree is on the host; it must contain nothing of an unfinished deployment. */
    const tree = () =>
      host.run(
        `cd ${path}; cat parts/page; echo; cat files/name; ls files; test ! -e .hostout/previous`,
      );

    const deploy = (...options: string[]) => projects[0].hostout(...options, "host1", "deploy");

    /** A deployment whose build waits while there is a file `gate` on the host. */
    async function slowDeployment(): Promise<Running> {
      host.run("rm -f /tmp/started; touch /tmp/gate");
      const command = "touch /tmp/started; while [ -e /tmp/gate ]; do sleep 0.1; done";
      write(projects[0], "p0", "slow", command);
      const running = projects[0].startHostout("host1", "deploy");
      await eventually(() => host.run("cat /tmp/started"));
      return running;
    }

    test(
      `of ${PAIRS} pairs of deployers: one tree each time, and no error of a shell`,
      async () => {
        let refused = 0;
        for (let pair = 0; pair < PAIRS; pair++) {
          const waits = pair % 2 === 1;
          for (const [index, project] of projects.entries()) write(project, `p${index}`, pair);
          const outcomes = await Promise.all(
            projects.map(async (project) => {
              // The two meet at a different point of a deployment each time.
              await new Promise((resolve) => setTimeout(resolve, Math.random() * 1500));
              return project.hostout(...(waits ? ["--lock-wait"] : []), "host1", "deploy");
            }),
          );
          const seen = JSON.stringify({ pair, outcomes }, undefined, 1);
          for (const { status, stdout, stderr } of outcomes) {
            if (status === 75 && !waits) {
              refused += 1;
              expect(stderr, seen).toMatch(/^Error: host1 is locked by /);
            } else {
              expect([status, stderr], seen).toEqual([0, ""]);
            }
            expect(stdout, seen).not.toMatch(/\bsh: |: line \d+|not found|No such file/);
          }
          const done = [0, 1].filter((index) => outcomes[index]!.status === 0);
          const whole = done.map((index) =>
            [`p${index} ${pair}`, NAMES[index], "name", NAMES[index], ""].join("\n"),
          );
          expect(whole, seen).toContain(tree());
        }
        // Offsets that never meet would prove nothing.
        if (PAIRS > 20) expect(refused).toBeGreaterThan(0);
      },
      (2 + PAIRS) * MINUTES,
    );

    test("is kept by a build that has lost its deployer", async () => {
      const first = await slowDeployment();
      first.child.kill("SIGKILL");
      await first.outcome;
      const second = projects[0].startHostout("host1", "deploy");
      await second.said("host1 has been running a build of release");
      host.run("rm /tmp/gate");
      expect(await second.outcome).toMatchObject({ status: 0, stderr: "" });
    });

    test("is free after everything that ran on the host has been killed", async () => {
      const first = await slowDeployment();
      host.attempt("su -s /bin/sh admin -c 'kill -KILL -1'");
      expect((await first.outcome).status).toBe(1);
      host.run("rm /tmp/gate");
      const { status, stdout } = await deploy();
      expect(status).toBe(0);
      expect(stdout).not.toContain("waiting");
    });

    test("is missed if there is no flock, and nothing is changed", async () => {
      const times = () => host.run(`cd ${path}; /usr/bin/find . -printf '%p %T@ %C@\\n' | sort`);
      const before = times();
      const program = host.run("command -v flock").trim();
      host.run(`mv ${program} ${program}.away`);
      try {
        const { status, stderr } = await deploy();
        expect(stderr).toMatch(/^Error: host1 has no flock, .*\n.*util-linux.*BusyBox/);
        expect(status).toBe(1);
        expect((await projects[0].hostout("host1", "lock")).stderr).toContain("has no flock");
        expect((await projects[0].hostout("host1", "run", "true")).status).toBe(0);
      } finally {
        host.run(`mv ${program}.away ${program}`);
      }
      expect(times()).toBe(before);
    });
  },
);
