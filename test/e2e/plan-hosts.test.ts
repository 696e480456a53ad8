// A plan leaves everything on a whole host as it is: files and their times, crontabs, processes.
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { TestProject } from "../support/deploy-project.ts";
import { linkApplets } from "../support/hosts/busybox.ts";
import { type BareHost, hostsMissing, startBareHost } from "../support/hosts/host.ts";
import { eventually } from "../support/servers.ts";
import { picture } from "../support/tree-picture.ts";

const MINUTES = 60_000;

/** A project with a part that keeps an entry in the crontab. */
const prod = (text: string, times: string) => `[buildout]
parts = page night
[page]
recipe = collective.recipe.template
output = parts/page
input = inline:
  ${text}
[night]
recipe = z3c.recipe.usercrontab
times = ${times}
command = true
`;

describe.skipIf(hostsMissing).each([["Debian"], ["BusyBox"]])("a host of %s", (kind) => {
  let host: BareHost;
  let project: TestProject;

  beforeAll(async () => {
    host = await startBareHost({
      ...{ network: "own", sudo: "nopasswd" },
      packages: ["nodejs", "cron", "busybox"],
    });
    if (kind === "BusyBox") linkApplets(host);
    // A process of the application, as those that a deployment would restart.
    host.run("setsid sleep 100000 > /dev/null 2>&1 < /dev/null &");
    project = new TestProject({ "prod.cfg": prod("one", "0 1 * * *"), "files/a": "a\n" });
    project.writeHost(host, {
      path: "/home/admin/app",
      "known-hosts": host.knownHosts,
      include: "files",
      "no-sudo": "",
      "pre-commands": "touch /root/pre",
      "post-commands": "touch /root/post",
      "data-version": "touch /home/admin/asked",
    });
    expect(await project.buildout()).toMatchObject({ status: 0 });
  }, 15 * MINUTES);

  afterAll(async () => {
    project?.remove();
    await host?.close();
  });

  /** All that a plan must leave alone; a login itself is noted below /var/log and /run. */
  const state = () => ({
    files: ["home", "root", "etc", "srv", "var/spool", "var/tmp", "usr/local"].map((name) =>
      picture(join(host.root, name)),
    ),
    // A temporary directory was there, and is gone.
    temporary: picture(join(host.root, "tmp")).filter((line) => !line.startsWith(". ")),
    crontab: host.attempt("crontab -l -u admin"),
  });
  const processes = () => host.run("ps -eo pid=,args=").split("\n").filter(lasting).sort();
  const lasting = (line: string) => line !== "" && !/ps -eo/.test(line);

  async function planned(...words: string[]): Promise<string> {
    // A login that has ended takes a moment to be gone.
    const running = await eventually(() => {
      const now = processes();
      expect(now.filter((line) => line.includes("sshd: admin"))).toEqual([]);
      return now;
    });
    const before = state();
    const { stdout, stderr, status } = await project.hostout("host1", ...words);
    expect([stderr, status]).toEqual(["", 0]);
    expect(state()).toEqual(before);
    await eventually(() => expect(processes()).toEqual(running));
    return stdout;
  }

  test(
    "is as it was after each plan, before and after a deployment",
    async () => {
      expect(await planned("plan")).toContain("nothing deployed");
      expect(await project.hostout("host1", "deploy")).toMatchObject({ status: 0 });
      expect(host.run("crontab -l -u admin")).toContain("0 1 * * *\ttrue");
      expect(await planned("deploy", "--plan")).toContain("Nothing to do.");
      project.write({ "prod.cfg": prod("two", "0 2 * * *"), "files/a": "b\n" });
      const text = await planned("plan");
      expect(text).toContain("~ night (z3c.recipe.usercrontab)");
      expect(text).toContain("times: 0 1 * * * -> 0 2 * * *\n");
      expect(text).toContain("+b");
      expect(text).toContain("after: touch /home/admin/asked (data-version)");
      await planned("diff");
      await planned("cleanup", "--keep", "1", "--plan");
      expect(await project.hostout("host1", "deploy")).toMatchObject({ status: 0 });
      expect(host.run("crontab -l -u admin")).toContain("0 2 * * *\ttrue");
    },
    10 * MINUTES,
  );
});
