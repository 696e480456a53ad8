// The command `ssh`: a shell on a host, at a terminal here.
import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { TestProject } from "../support/deploy-project.ts";
import { startSshdServer, type TestServer, usersMissing } from "../support/servers.ts";
import { onTerminal } from "../support/terminal.ts";

describe.skipIf(usersMissing)("a shell on a host", () => {
  let server: TestServer;
  let project: TestProject;

  beforeAll(async () => {
    server = await startSshdServer();
    project = new TestProject({});
    const part = (name: string) =>
      `[${name}]\n${project.hostLines(server, { buildout: "", path: join(server.home, "app") })}`;
    project.write({
      "buildout.cfg": `[buildout]\nparts = web1 web2\n${part("web1")}${part("web2")}`,
    });
    expect(await project.buildout()).toMatchObject({ status: 0 });
    expect((await project.hostout("web1", "run", "mkdir -p app")).status).toBe(0);
  });

  afterAll(async () => {
    project?.remove();
    await server?.close();
  });

  /** `ssh` on a terminal of 33 lines and 101 columns; after a write to `resize`, of 40 and 90. */
  function shell() {
    const resize = join(project.directory, "resize");
    execFileSync("sh", ["-c", 'rm -f "$1"; mkfifo "$1"', "sh", resize]);
    const script = `stty rows 33 cols 101
(read go <resize && stty rows 40 cols 90 </dev/tty) &
node bin/hostout -q web1 ssh; status=$?
stty -a | grep -o '[-]*icanon'; exit $status`;
    const env = { PATH: process.env.PATH, HOME: project.scratch, TERM: "vt220" };
    return onTerminal("sh", ["-c", script], { cwd: project.directory, env });
  }

  test("starts in its path, has a terminal like the one here, and follows its size", async () => {
    const terminal = shell();
    terminal.type('echo "here: $PWD $TERM $(stty size) $(id -un)"');
    await terminal.shows(`here: ${join(server.home, "app")} vt220 33 101 ${server.user}`);
    terminal.type("trap 'echo now: $(stty size)' WINCH; echo set $((1 + 1))");
    await terminal.shows("set 2");
    execFileSync("sh", ["-c", "echo go > resize"], { cwd: project.directory });
    terminal.type(
      "while [ \"$(stty size)\" != '40 90' ]; do sleep 0.1; done; echo size $(stty size)",
    );
    await terminal.shows("size 40 90");
    terminal.type("exit");
    expect(await terminal.status).toBe(0);
  });

  test("receives every key, returns its status, and restores the terminal", async () => {
    const terminal = shell();
    // A program of its own: the terminal is already its when it prints, and so is Ctrl-C.
    terminal.type("sh -c 'echo sleeping $((1 + 1)); exec sleep 1000'");
    await terminal.shows("sleeping 2");
    terminal.press("\u0003");
    terminal.type("echo still $((40 + 2))");
    await terminal.shows("still 42");
    terminal.type("exit 7");
    await terminal.shows("The shell ended with status 7.");
    await terminal.shows("icanon");
    expect(terminal.output()).not.toContain("-icanon");
    expect(await terminal.status).toBe(7);
  });

  test("needs a terminal, and one host", async () => {
    const without = await project.hostout("web1", "ssh");
    expect(without.status).toBe(1);
    expect(without.stderr).toContain("There is no terminal for a shell.\n  Use 'run'");
    expect(await project.hostout("all", "ssh")).toMatchObject({
      status: 2,
      stderr: "Error: 'ssh' takes one host, not 2.\n  bin/hostout web1 ssh\n",
    });
    expect(await project.hostout("web1", "--json", "ssh")).toMatchObject({ status: 2 });
  });
});
