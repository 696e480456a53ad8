import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { TestProject } from "../support/deploy-project.ts";
import { type BareHost, hostsMissing, startBareHost } from "../support/hosts/host.ts";
import { eventually } from "../support/servers.ts";

/** Keeps a process running in the background with a recognizable name. */
const SERVER = `#!/bin/sh
case $1 in
  start) setsid sleep 4711 >/dev/null 2>&1 & echo $! > var/pid; echo "50% of \\"$HOME\\"" > var/said ;;
  stop) kill "$(cat var/pid)" ;;
esac
`;

describe.skipIf(hostsMissing !== undefined)(`boot scripts ${hostsMissing ?? ""}`, () => {
  let host: BareHost;
  let project: TestProject;

  beforeEach(() => {
    project = new TestProject({ "prod.cfg": "[buildout]\nparts =\n" });
  });

  afterEach(async () => {
    project.remove();
    await host?.close();
  });

  async function start(init: "sshd" | "systemd"): Promise<void> {
    host = await startBareHost({ network: "own", init });
    project.writeHost(host, {
      "no-sudo": "",
      password: host.password,
      path: "/srv/our app",
      "effective-user": "runner",
    });
    expect((await project.buildout()).stderr).toBe("");
    host.run("useradd runner; mkdir -p '/srv/our app/var' '/srv/our app/bin'");
    host.run("chown -R admin '/srv/our app'; chown runner '/srv/our app/var'");
    writeFileSync(join(host.root, "srv/our app/bin/server"), SERVER, { mode: 0o755 });
  }

  async function succeed(...args: string[]): Promise<unknown> {
    const outcome = await project.hostout("--json", "host1", ...args);
    expect(outcome.stdout).not.toContain('"error"');
    expect(outcome.status).toBe(0);
    const events = outcome.stdout.trim().split("\n");
    const results = events.map((line) => JSON.parse(line)).filter(({ type }) => type === "result");
    return results.at(-1).value;
  }

  const running = () =>
    host.attempt("ps -o user= -p \"$(cat '/srv/our app/var/pid')\"").stdout.trim();

  test("are units with systemd", async () => {
    await start("systemd");
    expect(await succeed("bootscript_list")).toEqual([]);
    const file = "/etc/systemd/system/buildout-host1.service";
    expect(await succeed("install_bootscript", "bin/server start", "bin/server stop")).toBe(file);
    expect(await succeed("install_bootscript", "bin/server start", "bin/server stop")).toBe(file);
    expect(host.attempt(`systemd-analyze verify ${file}`).stderr).toBe("");
    expect(host.run("systemctl is-enabled buildout-host1")).toBe("enabled\n");
    expect(running()).toBe("");
    host.run("systemctl start buildout-host1");
    expect(running()).toBe("runner");
    host.run("systemctl restart buildout-host1");
    expect(running()).toBe("runner");
    host.run("systemctl stop buildout-host1");
    await eventually(() => expect(running()).toBe(""));
    expect(await succeed("bootscript_list")).toEqual(["host1"]);
    expect(await succeed("uninstall_bootscript")).toEqual([file]);
    expect(await succeed("uninstall_bootscript")).toEqual([]);
    expect(await succeed("bootscript_list")).toEqual([]);
    expect(host.attempt("ls /etc/systemd/system/*/buildout-*").stdout).toBe("");
  });

  test("quote special characters of the shell and systemd", async () => {
    await start("systemd");
    await succeed(
      "install_bootscript",
      `bin/server start; echo "100% $HOME 'quoted' \\\\ %n" > "var/of it"`,
      "bin/server stop",
      "web-1.example",
    );
    host.run("systemctl start buildout-web-1.example");
    expect(host.run("cat '/srv/our app/var/of it'")).toBe("100% /home/runner 'quoted' \\ %n\n");
    expect(await succeed("bootscript_list")).toEqual(["web-1.example"]);
    await succeed("uninstall_bootscript", "web-1.example");
  });

  test("are in /etc/init.d without systemd", async () => {
    await start("sshd");
    const file = "/etc/init.d/buildout-host1";
    expect(await succeed("install_bootscript", "bin/server start", "bin/server stop")).toBe(file);
    expect(host.run("cd /etc; ls rc2.d/S*buildout-host1 rc0.d/K*buildout-host1")).toBe(
      "rc0.d/K01buildout-host1\nrc2.d/S01buildout-host1\n",
    );
    host.run(`${file} start`);
    expect(running()).toBe("runner");
    host.run(`${file} restart`);
    expect(running()).toBe("runner");
    host.run(`${file} stop`);
    await eventually(() => expect(running()).toBe(""));
    expect(await succeed("bootscript_list")).toEqual(["host1"]);
    expect(await succeed("uninstall_bootscript")).toEqual([file]);
    expect(host.run("ls /etc/rc2.d /etc/rc0.d /etc/init.d")).not.toContain("buildout");
  });

  test("wrong usage and a host without either are reported", async () => {
    await start("sshd");
    const usage = await project.hostout("host1", "install_bootscript", "bin/server");
    expect(usage.status).toBe(2);
    expect(usage.stderr).toContain("install_bootscript START STOP [NAME]");
    const name = await project.hostout("host1", "install_bootscript", "a", "b", "../x");
    expect(name.stderr).toContain("'../x' cannot be the name of a service");
    host.run("mv /etc/init.d /etc/init.d.away");
    const neither = await project.hostout("host1", "install_bootscript", "a", "b");
    expect(neither.status).toBe(1);
    expect(neither.stderr).toContain("neither systemd nor /etc/init.d is on this host");
  });
});
