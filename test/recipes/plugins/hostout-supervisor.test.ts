import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { TestProject } from "../../support/deploy-project.ts";
import { indexMissing } from "../../support/index-server.ts";
import { eventually, startSandboxServer, type TestServer } from "../../support/servers.ts";
import { unpackWheels } from "../../support/unpacked-wheels.ts";

const PROD = `[buildout]
parts = conf daemon control web

[conf]
recipe = collective.recipe.template
output = etc/supervisord.conf
inline =
    [unix_http_server]
    file = \${buildout:directory}/var/s.sock
    [supervisord]
    logfile = \${buildout:directory}/var/supervisord.log
    pidfile = \${buildout:directory}/var/supervisord.pid
    [rpcinterface:supervisor]
    supervisor.rpcinterface_factory = supervisor.rpcinterface:make_main_rpcinterface
    [supervisorctl]
    serverurl = unix://\${buildout:directory}/var/s.sock
    [program:web]
    command = \${buildout:directory}/bin/web
    startsecs = 0
    [program:worker]
    command = sleep 1000
    startsecs = 0

[daemon]
recipe = collective.recipe.template
output = bin/supervisord
mode = 755
inline =
    #!/bin/sh
    PYTHONPATH=SITE exec python3 -m supervisor.supervisord -c \${buildout:directory}/etc/supervisord.conf "$@"

[control]
recipe = collective.recipe.template
output = bin/supervisorctl
mode = 755
inline =
    #!/bin/sh
    PYTHONPATH=SITE exec python3 -m supervisor.supervisorctl -c \${buildout:directory}/etc/supervisord.conf "$@"

[web]
recipe = collective.recipe.template
output = bin/web
mode = 755
release = 1
inline =
    #!/bin/sh
    echo release \${:release} >> \${buildout:directory}/var/web.log
    exec sleep 1000
`;

describe.skipIf(indexMissing !== undefined)(`hostout.supervisor ${indexMissing ?? ""}`, () => {
  let server: TestServer;
  let project: TestProject;
  let app: string;

  beforeAll(async () => {
    server = await startSandboxServer();
    app = join(server.home, "app");
    const site = join(server.home, "site");
    await unpackWheels(["supervisor", "setuptools"], site);
    project = new TestProject({ "prod.cfg": PROD.replaceAll("SITE", site) });
    await configure({});
  });

  afterAll(async () => {
    await project?.hostout("host1", "supervisorshutdown");
    project?.remove();
    await server?.close();
  });

  async function configure(options: Record<string, string>): Promise<void> {
    project.writeHost(server, { extends: "hostout.supervisor", ...options });
    const built = await project.buildout();
    expect(built.stderr).toBe("");
  }

  const release = (number: number) => {
    const file = join(project.directory, "prod.cfg");
    writeFileSync(file, readFileSync(file, "utf8").replace(/release = \d/, `release = ${number}`));
  };
  const pid = () => readFileSync(join(app, "var/supervisord.pid"), "utf8").trim();
  const webLog = () => readFileSync(join(app, "var/web.log"), "utf8");

  test("a first deployment starts supervisord and shows its programs", async () => {
    const { stdout, status } = await project.hostout("host1", "deploy");
    expect(status).toBe(0);
    expect(stdout).toContain("Running command 'postdeploy' from 'hostout.supervisor'");
    expect(stdout).toMatch(/out: web +(RUNNING|STARTING)/);
    await eventually(() => expect(webLog()).toBe("release 1\n"));
  });

  test("the next one stops the programs first and reloads supervisord", async () => {
    release(2);
    const before = pid();
    const { stdout, status } = await project.hostout("host1", "deploy");
    expect(status).toBe(0);
    expect(stdout).toContain("out: web: stopped");
    expect(stdout.indexOf("web: stopped")).toBeLessThan(stdout.indexOf("Release "));
    await eventually(() => expect(webLog()).toBe("release 1\nrelease 2\n"));
    expect(pid()).toBe(before);
  });

  test("a rolling restart stops nothing before, and restarts one after the other", async () => {
    await configure({ rollingrestart: "true" });
    release(3);
    const { stdout, status } = await project.hostout("host1", "deploy");
    expect(status).toBe(0);
    expect(stdout).toMatch(
      /restart web"[\s\S]*web: stopped[\s\S]*web: started[\s\S]*restart worker"/,
    );
    await eventually(() => expect(webLog()).toMatch(/release 3\n$/));
    await configure({});
  });

  test("short commands look after the programs", async () => {
    expect((await project.hostout("host1", "stop", "web")).stdout).toContain("web: stopped");
    expect((await project.hostout("host1", "start", "web")).stdout).toContain("web: started");
    expect((await project.hostout("host1", "restart")).stdout).toContain("worker: started");
    expect((await project.hostout("host1", "supervisorctl", "pid")).stdout).toContain(pid());
    const all = await project.hostout("host1", "supervisorctl");
    expect(all.stdout).toMatch(/out: web +RUNNING[\s\S]*out: worker +RUNNING/);
    expect((await project.hostout("host1", "status", "web")).stdout).not.toContain("worker");
    await project.hostout("host1", "status", "web; touch var/started-by-a-name");
    expect(existsSync(join(app, "var/started-by-a-name"))).toBe(false);
    expect((await project.hostout("host1", "tail")).status).toBe(2);
    expect((await project.hostout("host1", "tail", "web")).status).toBe(0);
  });

  test("supervisord itself is stopped and started", async () => {
    const down = await project.hostout("host1", "supervisorshutdown");
    expect(down.stdout).toContain("Shut down");
    await eventually(async () => {
      const again = await project.hostout("host1", "supervisorshutdown");
      expect(again.stdout).toContain("is not running");
    });
    expect((await project.hostout("host1", "status")).status).toBe(1);
    expect((await project.hostout("host1", "supervisorstartup")).status).toBe(0);
    expect((await project.hostout("host1", "status")).stdout).toMatch(/out: worker +RUNNING/);
    expect((await project.hostout("host1", "supervisorstartup")).stdout).toContain("is running");
  });

  test("a program that does not stay up is a warning", async () => {
    const cfg = join(project.directory, "prod.cfg");
    writeFileSync(
      cfg,
      readFileSync(cfg, "utf8").replace(
        "command = sleep 1000",
        "command = sh -c 'exit 1'\n    autorestart = false",
      ),
    );
    await project.hostout("host1", "deploy");
    await eventually(async () => {
      const { stderr, status } = await project.hostout("host1", "status");
      expect(stderr).toContain("Not running: worker");
      expect(status).toBe(0);
    });
  });

  test("sudosupervisor takes the name of a part, as the original does", async () => {
    await configure({ sudosupervisor: "rootvisor" });
    const { stdout } = await project.hostout("host1", "status");
    expect(stdout).toContain("bin/rootvisorctl status");
    await configure({ sudosupervisor: "true" });
    expect((await project.hostout("host1", "status")).stdout).toContain("bin/supervisorctl status");
  });
});
