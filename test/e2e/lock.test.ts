import { readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { TestProject } from "../support/deploy-project.ts";
import type { Running } from "../support/running.ts";
import { eventually, servers, type TestServer } from "../support/servers.ts";

const FABFILE_TS = `import { api, task } from "hostout/fabfile";
export const touch = task("", () => api.run("echo touched"), { changes: true });
export const look = task("", () => api.run("echo looked"));
`;

const FABFILE_PY = `from fabric.api import run, task

@task(changes=True)
def touch_py():
    run("echo touched")

@task
def plain_py():
    run("echo touched")
plain_py.changes = True

@task
def look_py():
    run("echo looked")
`;

describe.each(servers.map((server) => [server.name, server] as const))("on %s", (_name, kind) => {
  describe.skipIf(kind.missing !== undefined)(`the lock of a host ${kind.missing ?? ""}`, () => {
    let server: TestServer;
    let project: TestProject;
    let state: string;
    let gate: string;
    let started: string;

    beforeAll(async () => {
      server = await kind.start();
      state = join(server.home, "app/.hostout");
      gate = join(server.home, "gate");
      started = join(server.home, "started");
      // The build on the host continues while there is a file `gate`.
      const command = `touch ${started}; while [ -e ${gate} ]; do sleep 0.1; done`;
      project = new TestProject({
        "prod.cfg": `[buildout]
parts = slow
[slow]
recipe = plone.recipe.command
command = ${command}
update-command = \${:command}
`,
        "fabfile.ts": FABFILE_TS,
        "fabfile.py": FABFILE_PY,
      });
      project.write({
        "buildout.cfg": `[buildout]
parts = host1 twin
[host1]
${project.hostLines(server, { fabfiles: "fabfile.ts fabfile.py" })}[twin]
recipe = collective.hostout
extends = host1
`,
      });
      expect(await project.buildout()).toMatchObject({ status: 0 });
      expect(await project.hostout("host1", "deploy")).toMatchObject({ status: 0 });
    });

    afterAll(async () => {
      project?.remove();
      await server?.close();
    });

    afterEach(() => rmSync(gate, { force: true }));

    /** A deployment whose build on the host waits. */
    async function slowDeployment(): Promise<Running> {
      rmSync(started, { force: true });
      writeFileSync(gate, "");
      const running = project.startHostout("host1", "deploy");
      await eventually(() => statSync(started));
      return running;
    }

    test("keeps a second deployment out, which reports who has it; reading needs no lock", async () => {
      const first = await slowDeployment();
      const before = readdirSync(state).sort();
      const second = await project.hostout("host1", "deploy");
      expect(second.status).toBe(75);
      expect(second.stderr).toMatch(
        /^Error: host1 is locked by \S+@\S+ since ([\d-]+ )?[\d:]{8} \(deploy of \w+, pid \d+ on the host\)\.$/m,
      );
      expect(second.stderr).toContain("--lock-wait");
      expect((await project.hostout("host1", "run", "true")).status).toBe(0);
      const shown = await project.hostout("host1", "lock");
      expect(shown.stdout).toMatch(/host1 is locked by .* \(deploy of \w+, pid \d+ on the host\)/);
      expect(shown.stdout).toMatch(/host1 has been running a build of release \w+ since/);
      expect(readdirSync(state).sort()).toEqual(before);
      rmSync(gate);
      expect(await first.outcome).toMatchObject({ status: 0 });
      expect((await project.hostout("host1", "lock")).stdout).toContain("host1 is not locked");
    });

    test("is waited for with --lock-wait", async () => {
      const first = await slowDeployment();
      const second = project.startHostout("--lock-wait", "host1", "deploy");
      await second.said("waiting for it to end");
      rmSync(gate);
      expect(await first.outcome).toMatchObject({ status: 0 });
      expect(await second.outcome).toMatchObject({ status: 0, stderr: "" });
      const third = await slowDeployment();
      expect((await project.hostout("--lock-wait=1", "host1", "deploy")).status).toBe(75);
      rmSync(gate);
      await third.outcome;
    });

    test("stays with a build that has lost its deployer: the next deployment waits for it", async () => {
      const first = await slowDeployment();
      first.child.kill("SIGKILL");
      await first.outcome;
      rmSync(started);
      const second = project.startHostout("host1", "deploy");
      if (kind.name === "sandbox") {
        // The sandbox ends processes when a connection is lost, which releases the lock.
        await eventually(() => statSync(started));
        rmSync(gate);
        expect(await second.outcome).toMatchObject({ status: 0 });
        return;
      }
      await second.said("host1 has been running a build");
      rmSync(gate);
      const { status, stdout } = await second.outcome;
      expect(stdout).toMatch(
        /host1 has been running a build of release \w+ since .* \(end it there with 'kill \d+'\)/,
      );
      expect(status).toBe(0);
    });

    test("is taken by commands of fabfiles that declare that they change the host", async () => {
      const first = await slowDeployment();
      for (const name of ["touch", "touch_py", "plain_py"]) {
        const outcome = await project.hostout("host1", name);
        expect(outcome, name).toMatchObject({ status: 75 });
        expect(outcome.stdout, name).not.toContain("touched");
      }
      for (const name of ["look", "look_py"]) {
        const outcome = await project.hostout("host1", name);
        expect(outcome.stdout, name).toContain("out: looked");
        expect(outcome, name).toMatchObject({ status: 0 });
      }
      rmSync(gate);
      expect(await first.outcome).toMatchObject({ status: 0 });
      expect((await project.hostout("host1", "touch_py")).stdout).toContain("out: touched");
    });

    test("two parts with one directory wait for each other in one run", async () => {
      for (const flags of [[], ["--parallel"]]) {
        const outcome = await project.hostout(...flags, "host1", "twin", "deploy");
        expect(outcome).toMatchObject({ status: 0, stderr: "" });
      }
      expect(readdirSync(state)).not.toContain("previous");
    });

    test("a daemon that a recipe starts does not keep it", async () => {
      const pid = join(server.home, "pid");
      const former = readFileSync(join(project.directory, "prod.cfg"), "utf8");
      const daemon = `nohup sleep 1000 >/dev/null 2>&1 & echo $! > ${pid}`;
      project.write({ "prod.cfg": former.replace(/^command = .*$/m, `command = ${daemon}`) });
      try {
        expect(await project.hostout("host1", "deploy")).toMatchObject({ status: 0 });
        expect((await project.hostout("host1", "lock")).stdout).toContain("host1 is not locked");
        process.kill(Number(readFileSync(pid, "utf8")));
      } finally {
        project.write({ "prod.cfg": former });
      }
    });

    test("can be held by hand, with a reason, until it is released", async () => {
      const hold = ["host1", "lock", "acquire", "-m", "the database moves; it's `slow`"];
      expect(await project.hostout(...hold)).toMatchObject({ status: 0 });
      const refused = await project.hostout("host1", "deploy");
      expect(refused.status).toBe(75);
      expect(refused.stderr).toMatch(/host1 is held by .*: the database moves; it's `slow`\.$/m);
      expect(refused.stderr).toContain("lock release");
      const again = await project.hostout("host1", "lock", "acquire", "-m", "mine");
      expect(again.status).toBe(75);
      expect(readFileSync(join(state, "hold"), "utf8")).not.toContain("mine");
      expect(await project.hostout("host1", "lock", "release")).toMatchObject({ status: 0 });
      expect(await project.hostout("host1", "deploy")).toMatchObject({ status: 0 });
    });

    test("released by force: the deployment that had it fails", async () => {
      const first = await slowDeployment();
      expect(await project.hostout("host1", "lock", "release", "--force")).toMatchObject({
        status: 0,
      });
      rmSync(gate);
      const { status, stderr } = await first.outcome;
      expect(status).toBe(1);
      expect(stderr).toContain("The lock of host1 was lost during the command.");
    });

    test.each([
      [["aquire"], "'lock' needs 'acquire' or 'release', not 'aquire'.\n  Did you mean 'acquire'?"],
      [["acquire"], "'lock' takes 'acquire -m TEXT'.\n"],
      [["acquire", "-m"], "No text specified for option -m\n"],
      [["-m", "x"], "'lock' takes 'acquire -m TEXT'.\n"],
      [["--force"], "'lock' takes 'release --force'.\n"],
      [["release", "--forse"], "'lock' has no option '--forse'.\n  Did you mean '--force'?"],
      [["release", "--force", "now"], "'lock' takes one argument: 'now'.\n"],
    ])("%j are not words of lock, and nothing logs in", async (words, said) => {
      const { status, stdout, stderr } = await project.hostout("host1", "lock", ...words);
      expect([status, stdout]).toEqual([2, ""]);
      expect(stderr).toContain(`Error: ${said}`);
    });
  });
});
