// The build on a host starts while the files of its release are put in place there.
import { spawnSync } from "node:child_process";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { TestProject } from "../support/deploy-project.ts";
import { PAGE_FILES } from "../support/page-files.ts";
import type { Running } from "../support/running.ts";
import {
  eventually,
  processesWith,
  sshdMissing,
  startSshdServer,
  type TestServer,
} from "../support/servers.ts";
import { treeOf } from "../support/tree.ts";

describe.skipIf(sshdMissing)(`a build that starts early ${sshdMissing ?? ""}`, () => {
  const servers: TestServer[] = [];
  const projects: TestProject[] = [];
  let host: Host;

  /** A host on which the first `mv` of a program waits while there is a file `gate`. */
  async function startHost(sessions: number): Promise<Host> {
    const server = await startSshdServer(["PermitUserEnvironment yes", `MaxSessions ${sessions}`]);
    servers.push(server);
    const { home } = server;
    for (const name of [".ssh", "tools"]) mkdirSync(join(home, name));
    writeFileSync(join(home, ".ssh/environment"), `PATH=${home}/tools:/usr/bin:/bin\n`);
    const mv = join(home, "tools/mv");
    writeFileSync(
      mv,
      `#!/bin/sh
case $* in *.hostout/releases/*.tmp*) [ ! -e ${home}/gate ] || echo > ${home}/waits ;; *) exec /bin/mv "$@" ;; esac
while [ -e ${home}/gate ]; do sleep 0.05; done
rm -f ${home}/waits
[ ! -e ${home}/breaks ] && exec /bin/mv "$@"
`,
    );
    chmodSync(mv, 0o755);
    spawnSync("chown", ["-R", `--reference=${home}`, home]);
    chmodSync(home, 0o777);
    const project = new TestProject(PAGE_FILES);
    projects.push(project);
    project.writeHost(server, { include: "templates" });
    expect(await project.buildout()).toMatchObject({ status: 0 });
    expect(await project.hostout("host1", "deploy")).toMatchObject({ status: 0 });
    return new Host(server, project);
  }

  class Host {
    readonly server: TestServer;
    readonly project: TestProject;
    readonly app: string;
    #number = 0;
    #text = "";
    constructor(server: TestServer, project: TestProject) {
      this.server = server;
      this.project = project;
      this.app = join(server.home, "app");
    }

    /** Deploys a change that a part depends on. */
    deploy(...options: string[]): Running {
      this.#text = `<p>${++this.#number}</p>\n`;
      this.project.write({ "templates/page.in": this.#text });
      return this.project.startHostout(...options, "host1", "deploy");
    }

    get isBuilt(): boolean {
      return this.read("parts/page/index.html") === this.#text;
    }

    /** Such a deployment, once the host has all files but has put none in place yet. */
    async heldDeployment(...options: string[]): Promise<Running> {
      writeFileSync(this.#file("gate"), "");
      const running = this.deploy(...options);
      await eventually(() => this.#file("waits") && readFileSync(this.#file("waits")));
      return running;
    }

    /** The processes of the engine. */
    engines = () => processesWith(`${this.app}/.hostout/engine-`);

    /** Those of the early build. */
    startedEngines = () =>
      eventually(async () => {
        const engines = (await this.engines()).filter((line) => !line.includes("/bin/sh"));
        expect(engines).toHaveLength(1);
        return engines;
      });

    open = () => rmSync(this.#file("gate"), { force: true });
    break = () => writeFileSync(this.#file("breaks"), "");
    mend = () => rmSync(this.#file("breaks"), { force: true });
    read = (name: string) => readFileSync(join(this.app, name), "utf8");
    #file = (name: string) => join(this.server.home, name);

    /** Everything but what a release that arrives changes, and but who has the locks. */
    tree() {
      const changes =
        /^\.hostout\/(attempt|incoming|lock|working|damaged|releases(\.jsonl|\/\d+\.tmp)?)(\/|$)/;
      return treeOf(this.app, (path) => changes.test(path));
    }

    isFree = () =>
      spawnSync("flock", ["-n", join(this.app, ".hostout/working"), "true"]).status === 0;
  }

  beforeAll(async () => {
    host = await startHost(10);
  });

  afterEach(() => {
    host.open();
    host.mend();
  });

  afterAll(async () => {
    for (const project of projects) project.remove();
    for (const server of servers) await server.close();
  });

  /** Nothing of the early build is left, and it has changed nothing. */
  async function expectNothingDone(before: object): Promise<void> {
    await eventually(async () => expect(await host.engines()).toEqual([]));
    expect(host.tree()).toEqual(before);
    // A release that is complete is put in place although nobody waits for it.
    host.open();
    await eventually(() => expect(host.isFree()).toBe(true));
    expect(existsSync(join(host.app, ".hostout/settled"))).toBe(true);
    expect(await host.deploy().outcome).toMatchObject({ status: 0 });
    expect(host.isBuilt).toBe(true);
  }

  test("waits for the release, and is like any other", async () => {
    const running = await host.heldDeployment();
    const [engine] = await host.startedEngines();
    expect(engine).toMatch(/ -c host1-\w+\.cfg$/);
    expect(host.read(".hostout/working")).toMatch(/^what=receiving release \d+\n/);
    expect(host.read("parts/page/index.html")).toBe("<p>hello</p>\n");
    host.open();
    const { status, stdout, stderr } = await running.outcome;
    expect([status, stderr]).toEqual([0, ""]);
    expect(host.isBuilt).toBe(true);
    const pid = engine!.trim().split(" ")[0];
    expect(host.read(".hostout/working")).toMatch(
      new RegExp(`^what=a build of release \\w+\nsince=\\S+\npid=\\d+\npid=${pid}\n$`),
    );
    expect(stdout.match(/\] run: bin\/buildout /g)).toHaveLength(1);
    const output = stdout.split("\n").filter((line) => /\] (run|out): /.test(line));
    expect(output.map((line) => line.replace(/ host1-.*/, ""))).toEqual([
      "[127.0.0.1] run: bin/buildout -c",
      "[127.0.0.1] out: Updating page.",
    ]);
    expect(await host.project.hostout("host1", "deploy")).toMatchObject({
      stdout: expect.stringContaining("inputs have not changed"),
    });
  });

  test("prints the events that it prints on a host with two sessions, where it does not start early", async () => {
    const few = await startHost(2);
    const said: string[][] = [];
    for (const one of [few, host]) {
      const running = await one.heldDeployment("--json");
      if (one === host) await one.startedEngines();
      else expect(await one.engines()).toEqual([]);
      one.open();
      const { status, stdout } = await running.outcome;
      expect(status).toBe(0);
      expect(one.isBuilt).toBe(true);
      const events = stdout
        .trim()
        .split("\n")
        .map((line) => JSON.parse(line));
      said.push(
        events
          // If the server still counts a session that has ended, the lock gets a connection of its own.
          .filter(({ type }) => !["transfer", "closed", "login"].includes(type))
          .map(({ type, name, step, command, stream, line }) =>
            JSON.stringify([
              type,
              name,
              step?.step ?? step,
              command?.replace(/-\w+\./, "."),
              stream,
              line,
            ]),
          ),
      );
    }
    expect(said[1]).toEqual(said[0]);
  });

  test("does nothing if the deployer is killed", async () => {
    const before = host.tree();
    const running = await host.heldDeployment();
    await host.startedEngines();
    running.child.kill("SIGKILL");
    await expectNothingDone(before);
  });

  test("does nothing after Ctrl-C", async () => {
    const before = host.tree();
    const running = await host.heldDeployment();
    await host.startedEngines();
    running.child.kill("SIGINT");
    const { status, stdout } = await running.outcome;
    expect(status).toBe(130);
    expect(stdout).not.toContain("] run: ");
    await expectNothingDone(before);
  });

  test("does nothing if the release cannot be received", async () => {
    const before = host.tree();
    const running = await host.heldDeployment();
    await host.startedEngines();
    host.break();
    host.open();
    const { status, stdout } = await running.outcome;
    expect(status).toBe(1);
    expect(stdout).not.toContain("] run: ");
    host.mend();
    await expectNothingDone(before);
  });

  test.each([
    ["its engine", (line: string) => !line.includes("/bin/sh")],
    ["everything of it", () => true],
  ])("is replaced by another one if %s is killed before", async (_, isVictim) => {
    const running = await host.heldDeployment();
    const [engine] = await host.startedEngines();
    const group = spawnSync("ps", ["-o", "pgid=", "-p", engine!.trim().split(" ")[0]!], {
      encoding: "utf8",
    }).stdout.trim();
    if (isVictim("/bin/sh")) process.kill(-Number(group), "SIGKILL");
    else process.kill(Number(engine!.trim().split(" ")[0]), "SIGKILL");
    await eventually(async () => expect(await host.engines()).toEqual([]));
    host.open();
    const { status, stdout, stderr } = await running.outcome;
    expect([status, stderr]).toEqual([0, ""]);
    expect(host.isBuilt).toBe(true);
    expect(stdout.match(/\] (run|out): /g)).toHaveLength(2);
    expect(existsSync(join(host.app, ".hostout/settled"))).toBe(true);
  });

  test("restores the files if it fails", async () => {
    const before = readdirSync(host.app).sort();
    host.project.write({ "prod.cfg": "[buildout]\nextends = base.cfg\nparts = nothing\n" });
    const running = await host.heldDeployment();
    await host.startedEngines();
    host.open();
    const { status, stderr } = await running.outcome;
    expect(status).toBe(1);
    expect(stderr).toContain("are back in place");
    expect(readdirSync(host.app).sort()).toEqual(before);
    expect(host.isFree()).toBe(true);
    host.project.write({ "prod.cfg": PAGE_FILES["prod.cfg"] });
    expect(await host.deploy().outcome).toMatchObject({ status: 0 });
  });
});
