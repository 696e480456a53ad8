/** Fabfiles in Python beyond plain commands: terminals, ports, several hosts, restarts. */
import { execFileSync } from "node:child_process";
import { chmodSync, existsSync, readFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import type { TestProject } from "../support/deploy-project.ts";
import { fabricProject, shown } from "../support/fabric-project.ts";
import { allowSudo, startSshdServer, type TestServer, usersMissing } from "../support/servers.ts";
import { onTerminal } from "../support/terminal.ts";

const CLASSIC = `
from fabric.api import env, execute, hide, local, open_shell, reboot, run, settings, sudo, task
from show import show, tried


@task
def here():
    local("printf 'here? '; read x; echo got $x; test -t 1 && echo terminal; true")
    show(str(local("read x; test -t 1 || echo $x", capture=True)))


@task
def shell():
    open_shell("echo typed $((1 + 1))")


@task
def terminals():
    show([tried(run, "echo in", pty=False), tried(sudo, "id -un", pty=False)])
    with settings(always_use_pty=False):
        show(tried(run, "echo in"))
    run("echo in")


@task
def shells():
    show([str(run("echo $0", quiet=True)), str(sudo("echo $0", quiet=True)), str(run("echo $HOME", shell=False))])


@task
def again(command):
    before = str(run("echo $PPID", quiet=True))
    reboot(wait=60, command=command)
    show([before != str(run("echo $PPID", quiet=True)), str(run("cat ~/rebooted", quiet=True))])


@task
def each(*hosts):
    def name():
        return [env.host_string, str(run("cat ~/name", quiet=True))]

    show(execute(name, hosts=list(hosts)))
`;

const MODERN = `
import socket
from fabric import SerialGroup, ThreadingGroup, task
from show import show


@task
def groups(c, *hosts):
    for kind in (SerialGroup, ThreadingGroup):
        group = kind(*hosts, connect_kwargs={"key_filename": open("keys").read().split()})
        found = group.run("cat name", hide=True)
        show(sorted(result.stdout.strip() for result in found.values()))
        group.put("name.txt", "sent.txt")
        show(sorted(result.stdout for result in group.run("cat sent.txt; rm sent.txt", hide=True).values()))
        group.close()


@task
def forward(c, there):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        here = free.getsockname()[1]
    with c.forward_local(here, int(there)):
        show([talk(here), talk(here)])
    try:
        talk(here)
    except ConnectionError:
        show("closed")


def talk(port):
    with socket.create_connection(("127.0.0.1", port), 20) as stream:
        stream.sendall(b"ping")
        stream.shutdown(socket.SHUT_WR)
        return stream.makefile().read()


@task
def without_bash(c):
    show([c.run("echo in $0", hide=True).stdout, c.sudo("id -un", hide=True).stdout])
`;

describe.skipIf(usersMissing !== undefined)(`sessions of fabfiles ${usersMissing ?? ""}`, () => {
  let own: TestServer;
  let other: TestServer;
  let project: TestProject;

  beforeAll(async () => {
    own = await startSshdServer();
    // The login shell is sh, and there is neither bash nor a terminal.
    other = await startSshdServer(["PermitTTY no"], "mount --bind /dev/null /usr/bin/bash");
    execFileSync("usermod", ["-s", "/bin/sh", other.user]);
    for (const [server, name] of [
      [own, "own"],
      [other, "other"],
    ] as const) {
      await allowSudo(server, "ALL=(ALL:ALL) NOPASSWD: ALL");
      execFileSync("sh", ["-c", `echo ${name} > ${server.home}/name`]);
    }
    project = await fabricProject(
      {
        ...{ "fabfile.py": CLASSIC, "modern.py": MODERN, "name.txt": "sent" },
        keys: `${own.key}\n${other.key}`,
      },
      {
        host1: [own, "fabfile.py"],
        bare: [other, "fabfile.py"],
        modern: [own, "modern.py"],
        baremodern: [other, "modern.py"],
      },
    );
  }, 60_000);

  afterAll(async () => {
    project?.remove();
    await other?.close();
    await own?.close();
  });

  const at = (...args: string[]) =>
    onTerminal(process.execPath, [join(project.directory, "bin/hostout"), ...args], {
      cwd: project.directory,
      env: { PATH: process.env.PATH, HOME: project.scratch, TERM: "xterm" },
    });

  test("local() has the terminal: it asks there, and reads the answer", async () => {
    const p = at("host1", "here");
    await p.shows("here? ");
    p.type("joe");
    await p.shows("got joe");
    await p.shows("terminal");
    await p.shows("local: ");
    p.type("kept");
    await p.shows('SHOW "kept"');
    expect(await p.status).toBe(0);
    const without = await project.hostout("host1", "here");
    expect(without.stdout).toContain("[localhost] out: here? got\n");
    expect(without.status).toBe(0);
  });

  test("open_shell() is a shell on the terminal, into which its command is typed", async () => {
    const p = at("host1", "shell");
    await p.shows("typed 2");
    p.type("echo in $((40 + 2)) as $USER");
    await p.shows(`in 42 as ${own.user}`);
    p.type("exit");
    expect(await p.status).toBe(0);
  });

  test("a host that refuses a terminal is reported; commands run without one", async () => {
    const { status, stderr, stdout } = await project.hostout("bare", "terminals");
    expect(shown({ stdout })).toEqual([["in", "root"], "in"]);
    expect(stderr).toContain("refused to run a command: Unable to request a pseudo-terminal");
    expect(stderr).toContain("env.always_use_pty = False");
    expect(status).toBe(1);
  });

  test("a host without bash runs commands by sh", async () => {
    const classic = await project.run("sh", [
      "-c",
      'sed -i "s/^from fabric.api.*/&\\nenv.always_use_pty = False/" fabfile.py && bin/hostout bare shells',
    ]).outcome;
    project.write({ "fabfile.py": CLASSIC });
    expect(shown(classic), classic.stderr).toEqual([["sh", "sh", other.home]]);
    const modern = await project.hostout("baremodern", "without-bash");
    expect(shown(modern), modern.stderr).toEqual([["in sh\n", "root\n"]]);
  });

  test("execute(hosts=...) and groups reach each host", async () => {
    const named = await project.hostout("host1", "each", "host1", "modern");
    expect(shown(named), named.stderr).toEqual([
      { host1: ["host1", "own"], modern: ["modern", "own"] },
    ]);
    const hosts = [own, other].map(({ user, port }) => `${user}@localhost:${port}`);
    const groups = await project.hostout("modern", "groups", ...hosts);
    const both = [
      ["other", "own"],
      ["sent", "sent"],
    ];
    expect(shown(groups), groups.stderr).toEqual([...both, ...both]);
  });

  test("forward_local forwards a port of this machine to one that the host can reach", async () => {
    const echo = createServer({ allowHalfOpen: true }, (socket) => {
      socket.on("data", (data) => socket.write(`pong ${data}`));
      socket.on("end", () => socket.end());
    });
    await new Promise<void>((resolve) => echo.listen(0, "127.0.0.1", resolve));
    onTestFinished(() => void echo.close());
    const { port } = echo.address() as { port: number };
    const outcome = await project.hostout("modern", "forward", String(port));
    expect(shown(outcome), outcome.stderr).toEqual([["pong ping", "pong ping"], "closed"]);
  });

  test("reboot waits until the host accepts logins again", async () => {
    const host = await startSshdServer();
    onTestFinished(() => host.close());
    await allowSudo(host, "ALL=(ALL:ALL) NOPASSWD: ALL");
    const pid = join(project.scratch, "sshd.pid");
    // Ends every sshd of this port, sessions first, and starts another a moment later.
    project.write({
      restart: `#!/bin/sh
of() { pgrep -f "^sshd: ${host.user}|sshd -D -e -f $1" | grep -vx $$; }
config=$(tr '\\0' '\\n' < /proc/$(pgrep -f "^/usr/sbin/sshd -D -e -f .*" | while read p; do grep -qs "^Port ${host.port}$" "$(tr '\\0' '\\n' < /proc/$p/cmdline | tail -n 1)" && echo $p && break; done)/cmdline | tail -n 1)
echo yes > ${host.home}/rebooted
setsid sh -c "kill -9 $(of "$config" | tr '\\n' ' '); sleep 1; exec /usr/sbin/sshd -f $config -o PidFile=${pid}" > /dev/null 2>&1 < /dev/null &
sleep 5
`,
    });
    onTestFinished(() => {
      if (existsSync(pid)) process.kill(Number(readFileSync(pid, "utf8")));
    });
    const restart = join(project.directory, "restart");
    chmodSync(restart, 0o755);
    chmodSync(project.scratch, 0o755);
    const lines = project.hostLines(host, { "no-sudo": "", fabfiles: "fabfile.py" });
    const parts = readFileSync(join(project.directory, "buildout.cfg"), "utf8");
    project.write({
      "buildout.cfg": `${parts.replace("parts =", "parts = started")}\n[started]\n${lines}`,
    });
    expect((await project.buildout()).stderr).toBe("");
    const outcome = await project.hostout("started", "again", restart);
    expect(shown(outcome), outcome.stderr).toEqual([[true, "yes"]]);
    expect(outcome.status).toBe(0);
  });
});
