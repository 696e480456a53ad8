// A plan changes nothing on a whole host: files and their times, crontabs, processes. The same hosts have
// atomic releases.
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
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

const ATOMIC = "/home/admin/atomic";

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
    const options = {
      "known-hosts": host.knownHosts,
      include: "files",
      "no-sudo": "",
      "pre-commands": "touch /root/pre",
      "post-commands": "touch /root/post",
      "data-version": "touch /home/admin/asked",
    };
    const one = project.hostLines(host, { ...options, path: "/home/admin/app" });
    const two = project.hostLines(host, { ...options, path: ATOMIC, atomic: "true" });
    project.write({
      "buildout.cfg": `[buildout]\nparts = host1 host2\n[host1]\n${one}[host2]\n${two}`,
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
    // A temporary directory existed, and was removed.
    temporary: picture(join(host.root, "tmp")).filter((line) => !line.startsWith(". ")),
    crontab: host.attempt("crontab -l -u admin"),
  });
  const processes = () => host.run("ps -eo pid=,args=").split("\n").filter(lasting).sort();
  const lasting = (line: string) => line !== "" && !/ps -eo/.test(line);

  async function planned(...words: string[]): Promise<string> {
    // A login that has ended takes a moment to disappear.
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

  test(
    "builds releases in directories of their own, goes back and cleans up",
    async () => {
      const succeed = async (...words: string[]) => {
        const { stdout, stderr, status } = await project.hostout("host2", ...words);
        expect([stderr, status]).toEqual(["", 0]);
        return stdout;
      };
      const seen = () =>
        host.run(`cd ${ATOMIC}; readlink current; cat current/parts/page; ls releases`);
      for (const text of ["one", "two", "three"]) {
        project.write({ "prod.cfg": prod(text, "0 1 * * *"), "files/a": `${text}\n` });
        await succeed("deploy");
      }
      expect(seen()).toBe("releases/3\nthree1\n2\n3\n");
      expect(host.run(`cat ${ATOMIC}/current/files/a`)).toBe("three\n");
      expect(await succeed("plan")).toContain("Nothing to do.");
      expect(await succeed("rollback")).not.toContain("Installing");
      expect(seen()).toBe("releases/2\ntwo1\n2\n3\n");
      await succeed("verify");
      project.write({ "prod.cfg": prod("four", "0 1 * * *") });
      await succeed("deploy");
      await succeed("cleanup", "--keep", "2");
      expect(seen()).toBe("releases/4\nfour2\n4\n");
      host.run(`rm -r ${ATOMIC}/releases/2`);
      await succeed("rollback");
      expect(seen()).toBe("releases/2\ntwo2\n4\n");
    },
    10 * MINUTES,
  );

  test(
    "has the entries of the crontab that the current release has, wherever that comes from",
    async () => {
      const path = "/home/admin/jobs";
      const jobs = new TestProject({ "prod.cfg": "" });
      onTestFinished(() => jobs.remove());
      const configure = (atomic: string) => {
        const lines = jobs.hostLines(host, { "known-hosts": host.knownHosts, path, atomic });
        jobs.write({ "buildout.cfg": `[buildout]\nparts = host1\n[host1]\n${lines}` });
        return succeed(jobs.buildout());
      };
      const succeed = async (running: ReturnType<TestProject["buildout"]>) => {
        const { stdout, stderr, status } = await running;
        expect([stderr, status]).toEqual(["", 0]);
        return stdout;
      };
      const run = (...words: string[]) => succeed(jobs.hostout("host1", ...words));
      const release = (times: string, part = "night", wrong = "") => {
        const one = prod("one", times).replace("true", "${buildout:bin-directory}/job");
        const named = one
          .replaceAll("night", part)
          .replace(`page ${part}`, `page ${part} ${wrong}`);
        const failing = "recipe = plone.recipe.command\ncommand = false\nstop-on-error = true\n";
        jobs.write({ "prod.cfg": `${named}[wrong]\n${failing}` });
      };
      const mine = "# mine\n5 5 * * * true\n";
      const crontab = () => host.run("crontab -l -u admin");
      const entry = (times: string, name = "", part = "night") =>
        `\n# Generated by ${path}${name} [${part}]\n${times}\t${path}${name}/bin/job\n# END ${path}${name} [${part}]\n`;
      host.run(`printf '${mine.replaceAll("\n", "\\n")}' | crontab -u admin -`);

      await configure("false");
      release("0 1 * * *");
      await run("deploy");
      expect(crontab()).toBe(mine + entry("0 1 * * *"));
      await configure("true");
      await run("deploy");
      expect(crontab()).toBe(mine + entry("0 1 * * *", "/current"));
      release("0 2 * * *");
      expect(await run("plan")).toContain("times: 0 1 * * * -> 0 2 * * *\n");
      await run("deploy");
      expect(crontab()).toBe(mine + entry("0 2 * * *", "/current"));
      expect(await run("plan")).toContain("Nothing to do.");
      // A release that is not built has its entries nowhere.
      release("0 3 * * *", "night", "wrong");
      expect(await jobs.hostout("host1", "deploy")).toMatchObject({ status: 1 });
      expect(crontab()).toBe(mine + entry("0 2 * * *", "/current"));
      await run("rollback");
      expect(crontab()).toBe(mine + entry("0 1 * * *", "/current"));
      release("0 4 * * *", "morning");
      await run("deploy");
      expect(crontab()).toBe(mine + entry("0 4 * * *", "/current", "morning"));
      jobs.write({ "prod.cfg": "[buildout]\nparts =\n" });
      await run("deploy");
      expect(crontab()).toBe(mine);
      await run("rollback");
      expect(crontab()).toBe(mine + entry("0 4 * * *", "/current", "morning"));
      release("0 5 * * *");
      await configure("false");
      await run("deploy");
      expect(crontab()).toBe(mine + entry("0 5 * * *"));
    },
    10 * MINUTES,
  );
});
