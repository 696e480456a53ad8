import { execFileSync } from "node:child_process";
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { TestProject } from "../support/deploy-project.ts";
import {
  allowSudo,
  scratchFolder,
  servers,
  startSandboxServer,
  startSshdServer,
  type TestServer,
  usersMissing,
} from "../support/servers.ts";

const fixtures = fileURLToPath(new URL("../../fixtures/fabfiles", import.meta.url));
const HAS_RSYNC = ["/usr/bin/rsync", "/usr/local/bin/rsync"].some((file) => existsSync(file));

/** A project with these fixtures as fabfiles of host1. */
async function projectWith(
  server: TestServer,
  fabfiles: readonly string[],
  files: Record<string, string> = {},
): Promise<TestProject> {
  const project = new TestProject({
    "etc/app.conf": "port = 1\n",
    "etc/t.in": "100%% of %(who)s, %(n)s\n",
    "prod.cfg": "[buildout]\nparts =\n",
    ...files,
  });
  for (const name of fabfiles) {
    const target = join(project.directory, name);
    if (!existsSync(target)) cpSync(join(fixtures, name), target);
  }
  cpSync(join(fixtures, "helpers"), join(project.directory, "helpers"), { recursive: true });
  project.writeHost(server, {
    fabfiles: `\n${fabfiles.join("\n")}`,
    option1: "buildout",
    "pre-commands": `${project.directory}/bin/stop`,
  });
  expect((await project.buildout()).stderr).toBe("");
  // The tests work in the buildout directory on the host.
  await project.hostout("host1", "run", `mkdir -p ${join(server.home, "app")}`);
  return project;
}

/** The output of `show` in the fixtures. */
function shown(stdout: string): unknown[][] {
  return stdout
    .split("\n")
    .flatMap((line) => (line.startsWith("SHOW ") ? [JSON.parse(line.slice(5))] : []));
}

describe.each(servers)("fabfiles in Python, on $name", ({ start, missing }) => {
  describe.skipIf(missing !== undefined)(missing ?? "with a server", () => {
    let server: TestServer;
    let project: TestProject;
    let app: string;

    beforeAll(async () => {
      server = await start();
      app = join(server.home, "app");
      project = await projectWith(server, ["fabric1.py"]);
    });

    afterAll(async () => {
      project?.remove();
      await server?.close();
    });

    test("the fabfile in the documentation runs as printed there", async () => {
      const seed = await projectWith(server, ["seed.py"]);
      onTestFinished(() => seed.remove());
      const { stdout, status } = await seed.hostout("host1", "echo", "is cool");
      expect(stdout).toBe(
        "Hostout: Running command 'echo' from 'seed.py'\n" +
          `Logging into the following hosts as ${server.user}:\n    ${server.host}\n` +
          `[${server.host}] run: echo 'buildout is cool'\n` +
          `[${server.host}] out: buildout is cool\nDone.\n`,
      );
      expect(status).toBe(0);
      const without = await seed.hostout("host1", "echo");
      expect(without.status).toBe(2);
      expect(without.stderr).toContain("Error: 'echo' needs more arguments: CMDLINE1\n");
    });

    test("public functions are commands, those of own helpers too, with their docstrings", async () => {
      const { stdout } = await project.hostout("host1");
      expect(stdout).toMatch(/^ {2}results +: What commands give$/m);
      expect(stdout).toMatch(/^ {2}from_helper +: Comes from a helper$/m);
      expect(stdout).toMatch(/^ {2}as_builder +: $/m);
      const names = [...stdout.matchAll(/^ {2}(\S+) +:/gm)].map(([, name]) => name);
      for (const name of [
        "Thing",
        "datetime",
        "BytesIO",
        "exists",
        "local",
        "_private",
        "colors",
      ]) {
        expect(names).not.toContain(name);
      }
    });

    test("results are strings with output and status", async () => {
      const { stdout, stderr } = await project.hostout("host1", "results");
      expect(shown(stdout)).toEqual([
        ["out \r\nerr", "out \r\nerr", "", 0, true, false, "echo ' out '; echo err >&2"],
        ["", 3, false, true, 5],
      ]);
      expect(stdout).toContain("] out:  out \n");
      expect(stdout).not.toContain("unseen\n");
      expect(stderr).toContain("Warning: 'echo no >&2; exit 3' ended with status 3 on host1.");
    });

    test("a failing command ends the run and is reported with its line; a fabfile may catch it", async () => {
      const { stdout, stderr, status } = await project.hostout("host1", "fails", "results");
      expect(shown(stdout)).toEqual([["caught", 1, "'exit 3' ended with status 3 on host1."]]);
      expect(stderr).toMatch(
        /^Error: 'exit 4' ended with status 4 on host1.\n {2}at fabric1.py:\d+\n$/m,
      );
      expect(status).toBe(1);
    });

    test("cd, lcd, prefix, path and shell_env apply to the commands inside them", async () => {
      const { stdout } = await project.hostout("host1", "folders");
      expect(shown(stdout)).toEqual([
        [
          ...["sub/deep", "sub"].map((name) => join(server.home, name)),
          ...["12 /", join(server.home, "a space")],
          ...[`${join(project.directory, "etc")}\n2`, ":/opt/x/bin bar baz", ""],
        ],
      ]);
    });

    test("hide and show choose the lines", async () => {
      const { stdout } = await project.hostout("host1", "hidden");
      expect(stdout).not.toContain("unseen");
      expect(stdout).toContain("out: shown again");
      expect(stdout).not.toContain("nothing of this");
    });

    test("files are uploaded and changed in place", async () => {
      const { stdout, stderr, status } = await project.hostout("host1", "files");
      expect(stderr).toBe("");
      expect(status).toBe(0);
      expect(shown(stdout)).toEqual([
        [["conf/app.conf"], true],
        [true, false, false, "conf/list", true, false, true],
        [["#one", "/w/", "a's (x)", "100% of you, 5", "made here", "port = 1"]],
        [["600", "640", "640"]],
        ["one"],
        [true],
      ]);
    });

    test("files are downloaded", async () => {
      const { stdout, stderr, status } = await project.hostout("host1", "downloads");
      const got = (name: string) => join(project.directory, "got", name);
      const byHost = `${server.host}-${server.port}`;
      expect(shown(stdout)).toEqual([
        [
          [got("one.txt")],
          [got("a.txt"), got("b.txt")],
          ["a.txt", "b.txt", "deep/c"].map((name) => got(`all/down/${name}`)),
        ],
        [[join(project.directory, byHost, "b.txt")], [got("a.txt.copy")]],
        ["a\n"],
        [[], [join(server.home, "down/none")], false],
      ]);
      expect(readFileSync(got("all/down/deep/c"), "utf8")).toBe("c\n");
      expect(stderr).toContain(`Error: get() cannot download '${join(server.home, "down/none")}'.`);
      expect(status).toBe(1);
    });

    test("env has the options of the part, which override what the fabfile sets for hosts", async () => {
      const { stdout } = await project.hostout("host1", "environment");
      expect(shown(stdout)).toEqual([
        [
          ...["buildout", "buildout", null, "at import", true, true, "host1", true],
          ...[["nowhere.example"], "environment", {}, true],
        ],
      ]);
    });

    test("env.hostout describes the part, the release and the commands", async () => {
      const { stdout, stderr } = await project.hostout("host1", "hostout");
      expect(stderr).toBe("");
      expect(shown(stdout)).toEqual([
        ["buildout", "buildout", "host1", [`${app}/bin/stop`], [], [], true],
        [true, true],
        [["prod.cfg"], 12, [], "", true, true, {}],
        [true, expect.stringMatching(/^ssh-/), true, false],
      ]);
    });

    test("commands call each other by name: arguments, results and exceptions are the same objects", async () => {
      const { stdout, stderr } = await project.hostout("host1", "calling");
      expect(shown(stdout)).toEqual([
        ["returned", true],
        ["caught", "'mine'"],
        ["built in"],
        [["helper executed"]],
      ]);
      expect(stderr).toContain("Error: Cannot reach nowhere.example port 22: no such host name");
    });

    test("users: the login user and the buildout user", async () => {
      expect(shown((await project.hostout("host1", "users")).stdout)).toEqual([[true, true]]);
    });

    test.runIf(HAS_RSYNC)("rsync transfers directories over the existing connection", async () => {
      const { stdout, stderr } = await project.hostout("host1", "synchronize");
      expect(stderr).toBe("");
      expect(shown(stdout)).toEqual([[["app.conf"], ["app.conf", "t.in"], ["app.conf", "t.in"]]]);
    });

    test("Fabric 2: the connection runs commands and moves files", async () => {
      const modern = await projectWith(server, ["fabric2.py"]);
      onTestFinished(() => modern.remove());
      const { stdout, stderr } = await modern.hostout("host1", "facts", "--name=y", "--force", "3");
      expect(stderr).toBe("");
      expect(shown(stdout)).toEqual([
        ["buildout", "buildout", "y", true, 3],
        ["out\n", "err\n", true, 0, false, 0, true],
        [false, 3, true, false],
        ["1 /"],
        ["here", "b e\n", "typed"],
        ["same\n"],
        ["caught", 9],
      ]);
      const after = await modern.hostout("host1", "al", "a", "b");
      // Tasks before others run on this machine, as under Fabric.
      expect(shown(after.stdout)).toEqual([["before", "project"], [["a", "b"]]]);
      expect(shown((await modern.hostout("host1", "files")).stdout)).toEqual([[true, true]]);
      expect(readFileSync(join(modern.directory, "got/f2.conf"), "utf8")).toBe("port = 1\n");
      const list = (await modern.hostout("host1")).stdout;
      expect(list).toMatch(/^ {2}facts +: Some facts$/m);
      expect(list).toMatch(/^ {2}after-files +:/m);
      expect(list).not.toMatch(/not_marked|Connection|show/);
      const fails = await modern.hostout("host1", "fails");
      expect(fails.stderr).toMatch(
        /Error: 'exit 6' ended with status 6 on host1.\n {2}at fabric2.py/,
      );
      const elsewhere = await modern.hostout("host1", "elsewhere");
      expect(elsewhere.stderr).toMatch(
        /^Error: Cannot reach 127.0.0.1 port 1: connection refused/m,
      );
      expect((await modern.hostout("host1", "leaves")).stderr).toMatch(/^Error: Leaving now\n/m);
    });
  });
});

describe("fabfiles in Python", () => {
  let server: TestServer;
  let project: TestProject;

  beforeAll(async () => {
    server = await startSandboxServer();
    mkdirSync(join(server.home, "app"), { recursive: true });
    project = await projectWith(server, ["fabric1.py"]);
  });

  afterAll(async () => {
    project?.remove();
    await server?.close();
  });

  async function fresh(fabfiles: readonly string[], files: Record<string, string> = {}) {
    const made = await projectWith(server, fabfiles, files);
    onTestFinished(() => made.remove());
    return made;
  }

  test.each([
    [
      "a defect",
      ["defect"],
      /^Error: fabric1.py failed: NameError: name 'undefined_name'.*\n {2}at fabric1.py:\d+\n {2}Add --debug to see the Python traceback.\n$/m,
    ],
    ["an abort", ["aborts"], /^Error: Enough of this\n {2}at fabric1.py:\d+\n$/m],
    [
      "an exit with a status",
      ["exits", "3"],
      /^Error: fabric1.py ended the run with exit status 3.\n {2}at fabric1/m,
    ],
    ["an exit with a text", ["exits", "bye"], /^Error: bye\n {2}at fabric1.py:\d+\n/m],
    [
      "another host that does not answer",
      ["elsewhere"],
      /^Error: Cannot reach 127.0.0.1 port 1: connection refused/m,
    ],
    [
      "a question without a terminal",
      ["asks"],
      /^Error: There is no terminal to ask: Sure\? \[Y\/n\]/m,
    ],
    ["a shell", ["no_shell"], /^Error: open_shell\(\) needs a terminal: use ssh/m],
    ["too many arguments", ["refuse", "x"], /^Error: 'refuse' takes no arguments: 'x'\.$/m],
  ])("%s is reported in one line, with the place", async (_, words, told) => {
    const { stderr, status } = await project.hostout("host1", ...words);
    expect(stderr).toMatch(told);
    expect(stderr).not.toContain("Traceback");
    expect(status).not.toBe(0);
  });

  test("a run ends with the status set by the fabfile, as in Fabric", async () => {
    const made = await fresh(["ends.py", "ends1.py"], {
      "ends.py": `from fabric import task
from invoke import Exit

@task
def quits(c, code):
    raise Exit("enough" if code == "7" else None, code=int(code))

@task
def fails(c):
    c.run("echo seen; exit 9")
`,
      "ends1.py": `import sys
from fabric.api import env, execute, hosts, task

def leaves():
    sys.exit(3)

def inner():
    pass

def nests():
    facts = lambda: [env.all_hosts, env.command, env.effective_roles, env.tasks]
    before = facts()
    execute(inner)
    execute(hosts("a", "b")(inner))
    print("same %s, of %d" % (before == facts(), len(env.all_hosts)))
`,
    });
    for (const [words, status, said] of [
      [["quits", "7"], 7, /^Error: enough\n/],
      [["quits", "5"], 5, /^Error: exit status 5\n/],
      [["quits", "0"], 0, /^$/],
      [["fails"], 9, /^Error: 'echo seen; exit 9' ended with status 9 on host1\.\n {2}at ends\.py/],
      [["leaves"], 3, /^Error: ends1\.py ended the run with exit status 3\./],
    ] as const) {
      const outcome = await made.hostout("host1", ...words);
      expect(outcome.stderr).toMatch(said);
      expect(outcome.status).toBe(status);
    }
    expect((await made.hostout("host1", "nests")).stdout).toContain("same True, of 1");
  });

  test("--debug shows the traceback, of the fabfile alone", async () => {
    const { stderr } = await project.hostout("--debug", "host1", "defect");
    expect(stderr).toContain("Traceback (most recent call last):\n");
    expect(stderr).toContain("    undefined_name\n");
    expect(stderr).not.toContain("<hostout>");
  });

  test("false fails the run, an exit with 0 does not; env.abort_exception is raised", async () => {
    const refused = await project.hostout("host1", "refuse", "results");
    expect(refused.status).toBe(1);
    expect(refused.stdout).not.toContain("SHOW");
    expect((await project.hostout("host1", "exits", "0")).status).toBe(0);
    const own = await project.hostout("host1", "own_abort");
    expect(shown(own.stdout)).toEqual([["mine", "'exit 1' ended with status 1 on host1."]]);
  });

  test("other hosts: those of other parts by their options, any other as ssh would", async () => {
    const other = await startSandboxServer();
    onTestFinished(() => other.close());
    writeFileSync(join(other.home, "which"), "other\n");
    writeFileSync(join(server.home, "which"), "own\n");
    const made = await fresh(["fabric1.py"], {
      "others.py": `import json
from fabric.api import env, execute, get, hosts, put, roles, run, settings, sudo
from fabric import Connection

ELSEWHERE = open("elsewhere").read().split()
env.roledefs = {"web": ELSEWHERE}

def which():
    return run("cat ~/which")

def others(*hosts):
    found = [which()]
    for each in hosts:
        with settings(host_string=each):
            put("etc/app.conf", "there.conf")
            found += [which(), run("cat there.conf")]
            get("there.conf", "back.conf")
    found.append(execute(which, hosts=list(hosts)))
    found += [Connection(each).run("cat ~/which", hide=True).stdout for each in hosts]
    print("SHOW " + json.dumps(found))

def staging():
    env.hosts = ELSEWHERE

def deployed():
    print("SHOW " + json.dumps([which(), env.command, env.all_hosts]))

@hosts(*ELSEWHERE)
def on_hosts():
    deployed()

@roles("web")
def on_roles():
    deployed()
`,
    });
    const hosts = ["host2", `${other.user}@127.0.0.1:${other.port}`];
    made.write({
      "buildout.cfg": `[buildout]\nparts = host1 host2\n[host1]\n${made.hostLines(server, { fabfiles: "others.py" })}[host2]\n${made.hostLines(other)}`,
    });
    await made.buildout();
    made.write({ elsewhere: hosts[0]! });
    const part = await made.hostout("host1", "others", hosts[0]!);
    expect(part.status).toBe(0);
    expect(shown(part.stdout)).toEqual([
      ["own", "other", "port = 1", { host2: "other" }, "other\n"],
    ]);
    const named = await made.hostout(
      "host1",
      "deployed",
      "staging",
      "deployed",
      "on_hosts",
      "on_roles",
    );
    expect(shown(named.stdout)).toEqual([
      ["own", "deployed", ["127.0.0.1"]],
      ...["deployed", "on_hosts", "on_roles"].map((name) => ["other", name, ["host2"]]),
    ]);
    made.write({
      "buildout.cfg": `[buildout]\nparts = host1\n[host1]\n${made.hostLines(server, { fabfiles: "others.py" })}`,
    });
    await made.buildout();
    const refused = await made.hostout("host1", "others", hosts[1]!);
    expect(refused.stderr).toContain("refused to log in: tried key");
    mkdirSync(join(made.scratch, ".ssh"));
    cpSync(other.key, join(made.scratch, ".ssh/id_ed25519"));
    const unlisted = await made.hostout("host1", "others", hosts[1]!);
    expect(unlisted.status).toBe(0);
    expect(shown(unlisted.stdout)).toEqual([
      ["own", "other", "port = 1", { [hosts[1]!]: "other" }, "other\n"],
    ]);
    const known = readFileSync(join(made.scratch, "known_hosts"), "utf8");
    expect(known).toContain(other.hostKey);
  });

  test("timeouts, warnings, colors and requirements", async () => {
    const { stdout, stderr } = await project.hostout("host1", "limits");
    expect(shown(stdout)).toEqual([["too slow"]]);
    expect(stdout).toContain("\nput\n\u001b[1;31mred\u001b[0m\n");
    expect(stderr).toContain("Warning: careful\n");
    expect(stderr).toContain(
      "Error: The command needs 'nosuch' in env for this: set it as an option of the hostout part, or run 'results' first.",
    );
  });

  test("marked functions alone are commands if there are any; classes, names, aliases", async () => {
    const tasks = await fresh(["tasks1.py"]);
    const list = (await tasks.hostout("host1")).stdout;
    expect(list).toMatch(/^ {2}dep +: Deploys it\n(.*\n)* {2}deploy_it +: Deploys it$/m);
    expect(list).toMatch(/^ {2}greet +: Greets$/m);
    expect(list).not.toMatch(/original|not_marked/);
    expect((await tasks.hostout("host1", "dep", "a", "b")).stdout).toContain("deployed a, b\n");
    expect((await tasks.hostout("host1", "greet", "you")).stdout).toContain("hello you\n");
    expect((await tasks.hostout("host1", "tolerant")).stdout).toContain("failed: True\n");
  });

  test("marked functions accept the arguments of their signature, inside decorators of Fabric's", async () => {
    const tasks = await fresh(["tasks1.py"]);
    const help = async (name: string) => (await tasks.hostout("host1", name, "--help")).stdout;
    expect(await help("copy")).toContain("HOST... copy SOURCE [TARGET]\n");
    expect(await help("tolerant")).toContain("HOST... tolerant\n");
    const wrong = [["copy"], ["copy", "a", "b", "c"], ["tolerant", "a"]];
    for (const words of wrong) {
      const { status, stdout, stderr } = await tasks.hostout("host1", ...words);
      expect(stderr).toMatch(`Error: '${words[0]}' `);
      expect([status, stdout]).toEqual([2, ""]);
    }
    const given = await tasks.hostout("host1", "decorated", "mine");
    expect(given.stdout).toContain("given, then mine\n");
  });

  test("hosts run in parallel if the command is parallel; `runs_once` runs once for all", async () => {
    const both = await fresh(["tasks1.py", "fabric1.py"]);
    const lines = both.hostLines(server, { fabfiles: "tasks1.py fabric1.py", option1: "x" });
    both.write({ "buildout.cfg": `[buildout]\nparts = one two\n[one]\n${lines}[two]\n${lines}` });
    expect((await both.buildout()).status).toBe(0);
    const met = await both.hostout("all", "together", join(server.home, basename(both.scratch)));
    expect(met.status).toBe(0);
    for (const words of [["all"], ["-P", "all"]]) {
      const { stdout } = await both.hostout(...words, "at_most_once");
      expect(stdout.match(/this once/g)).toHaveLength(1);
      expect(shown(stdout)).toEqual([
        [5, 5],
        [5, 5],
      ]);
    }
  });

  test("share the host with fabfiles in TypeScript: commands, env, chain, initcommand", async () => {
    const mixed = await fresh(["mixed.py", "mixed.ts"]);
    const { stdout, stderr } = await mixed.hostout("host1", "exchange");
    expect(stderr).toBe("");
    const said = stdout
      .split("\n")
      .filter((line) => !/Running|^about|^\[|^ {4}|^Logging/.test(line));
    expect(said).toEqual([
      "read {'a': [1, 2]} x at import",
      "given {'args': ['a', {'key': [1]}]}",
      "caught 'exit 8' ended with status 8 on host1.",
      "Hostout: later 5 seen at import",
      'Hostout: {"x":[1]}',
      "Done.",
      "",
    ]);
    expect(stdout).toContain("about to run exchange\n");
    const over = await mixed.hostout("host1", "over", "w");
    expect(over.stdout).toContain("'over' from 'mixed.ts'");
    expect(over.stdout).toContain("below w!\n");
    expect((await mixed.hostout("host1")).stdout).toMatch(/^ {2}over +: Says a word$/m);
    const deploy = await mixed.hostout("host1", "predeploy", "remembered");
    expect(deploy.stdout).toMatch(/before\n(.*\n)*after\n(.*\n)*env kept\n/);
  });

  test("print writes to standard output; with --json, only JSON lines go there", async () => {
    const mixed = await fresh(["mixed.py", "mixed.ts"]);
    const { stdout } = await mixed.hostout("host1", "prints");
    expect(stdout).toMatch(/to stdout\necho from a program\n|to stdout\nfrom a program\n/);
    const json = await mixed.hostout("--json", "host1", "prints");
    const events = json.stdout
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line));
    expect(events).toContainEqual(
      expect.objectContaining({ type: "result", name: "prints", value: ["a", 1] }),
    );
    expect(json.stderr).toContain("to stdout\nfrom a program\n");
  });

  test.each([
    [
      "Python 2",
      "def x():\n    print 'a'\n",
      /broken.py is not written in Python 3: .*\n {2}at broken.py:2\n {2}If it is Python 2 code, translate it: 2to3 -w .*broken.py/,
    ],
    [
      "modules of Python 2",
      "import urllib2\n",
      /No module named 'urllib2'\n {2}at broken.py:1\n {2}Python 3 has no such name.*2to3/,
    ],
    [
      "a missing module",
      "import no_such_module_here\n",
      /No module named 'no_such_module_here'\n {2}at broken.py:1\n {2}Install it for .*python/,
    ],
    [
      "a command outside of any function",
      "from fabric.api import run\nrun('true')\n",
      /The fabfile uses the host outside a command/,
    ],
  ])("a fabfile that cannot be loaded is named: %s", async (_, text, told) => {
    const broken = await fresh(["broken.py"], { "broken.py": text });
    const { stderr, status } = await broken.hostout("host1");
    expect(stderr).toMatch(told);
    expect(status).toBe(1);
  });

  test("a package is a fabfile as well; two of one name do not mix", async () => {
    const packaged = await fresh(["fabfile", "other/fabfile.py"], {
      "fabfile/__init__.py": "from .parts import inner\n",
      "fabfile/parts.py": 'def inner():\n    """Of a package"""\n    print("inner")\n',
      "other/fabfile.py": 'def outer():\n    print("outer")\n',
    });
    const { stdout } = await packaged.hostout("host1", "inner", "outer");
    expect(stdout).toMatch(/from 'fabfile'\ninner\n(.*\n)*outer\n/);
    expect(existsSync(join(packaged.directory, "fabfile/__pycache__"))).toBe(false);
  });

  test("an interruption ends Python at once", async () => {
    const running = project.startHostout("host1", "busy");
    await running.said("busy now");
    running.child.kill("SIGINT");
    const { status, stderr } = await running.outcome;
    expect(stderr).toContain("Interrupted.");
    expect(status).toBe(130);
  });

  test("the interpreter named by the part runs them; a missing one is reported", async () => {
    const named = await fresh(["which.py"], {
      "which.py": 'import os\ndef which():\n    print("named", os.environ.get("NAMED"))\n',
      "bin/snake": '#!/bin/sh\nNAMED=yes exec python3 "$@"\n',
    });
    const snake = join(named.directory, "bin/snake");
    chmodSync(snake, 0o755);
    const lines = named.hostLines(server, { fabfiles: "which.py", python: "snake" });
    named.write({
      "buildout.cfg": `[buildout]\nparts = host1\n[snake]\nexecutable = ${snake}\n[host1]\n${lines}`,
    });
    expect((await named.buildout()).stderr).toBe("");
    expect((await named.hostout("host1", "which")).stdout).toContain("named yes\n");
    rmSync(snake);
    const { stderr } = await named.hostout("host1", "which");
    expect(stderr).toContain(`Error: There is no Python interpreter at '${snake}'.`);
  });
});

describe.skipIf(usersMissing !== undefined)(`sudo in Python ${usersMissing ?? ""}`, () => {
  test("runs as root and others, and transfers files of root's", async () => {
    const server = await startSshdServer();
    onTestFinished(() => server.close());
    await allowSudo(server, "ALL=(ALL:ALL) NOPASSWD: ALL");
    const place = await scratchFolder();
    onTestFinished(() => rmSync(place, { recursive: true, force: true }));
    const project = await projectWith(server, ["root.py"]);
    onTestFinished(() => project.remove());
    project.writeHost(server, { fabfiles: "root.py", "no-sudo": "" });
    expect((await project.buildout()).stderr).toBe("");
    const { stdout, stderr } = await project.hostout("host1", "root", place);
    expect(stderr).toBe("");
    expect(shown(stdout)).toEqual([
      ["root", "nobody", server.user, "nobody", "daemon"],
      [false, true, true, "100% of root, 1"],
      // As in Fabric: files moved there by put still belong to the login user.
      [`${server.user} 600`, 1],
      ["bash", true],
    ]);
    expect(readFileSync(join(project.directory, "got/app.conf"), "utf8")).toBe(
      "port = 1\nmore = 2\n",
    );
  });
});

describe.skipIf(usersMissing !== undefined)(`sudo's password ${usersMissing ?? ""}`, () => {
  test("is the one in the fabfile, is sent only to sudo, and is not shown", async () => {
    const server = await startSshdServer();
    onTestFinished(() => server.close());
    execFileSync("chpasswd", { input: `${server.user}:s3cret\n` });
    await allowSudo(server, "ALL=(ALL:ALL) ALL");
    const project = new TestProject({
      "prod.cfg": "[buildout]\nparts =\n",
      "fabfile.py": `import json
from fabric.api import env, run, settings, sudo

def asked():
    env.sudo_password = "s3cret"
    found = [sudo("id -un"), sudo("id -un", pty=False), sudo("id -un", shell=False), sudo("id -un; cat")]
    found.append(run("printf 'sudo password:'; read x; echo [$x]"))
    print("SHOW " + json.dumps(found))

def wrong():
    with settings(sudo_password="wrong"):
        sudo("id -un")
`,
    });
    onTestFinished(() => project.remove());
    project.writeHost(server, { fabfiles: "fabfile.py", "no-sudo": "" });
    expect((await project.buildout()).stderr).toBe("");
    const { stdout } = await project.hostout("host1", "asked");
    expect(shown(stdout)).toEqual([["root", "root", "root", "root", "sudo password:[]"]]);
    expect(stdout).not.toContain("s3cret");
    const wrong = await project.hostout("host1", "wrong");
    expect(wrong.stderr).toMatch(/^Error: (Wrong password for sudo|sudo needs)/m);
  });
});

describe("plugins in Python", () => {
  let server: TestServer;
  let project: TestProject;

  beforeAll(async () => {
    server = await startSandboxServer();
    mkdirSync(join(server.home, "app"), { recursive: true });
    project = new TestProject({
      "prod.cfg": "[buildout]\nparts =\n",
      "fabfile.py":
        "from fabric import api\ndef mycommand():\n    print('own')\n    return api.env.superfun()\n",
    });
    cpSync(join(fixtures, "plugin"), join(project.directory, "src/plugin"), { recursive: true });
  });

  afterAll(async () => {
    project?.remove();
    await server?.close();
  });

  const configure = (options: Record<string, string>) => {
    const lines = project.hostLines(server, options);
    project.write({
      "buildout.cfg": `[buildout]\nparts = host1\noffline = true\ndevelop = src/plugin\n[host1]\n${lines}`,
    });
  };

  test("the recipe sets options on the part, the fabfile's commands are the host's", async () => {
    configure({ extends: "hostout.myplugin", param1: "blah" });
    expect((await project.buildout()).stderr).toBe("");
    expect((await project.hostout("host1")).stdout).toMatch(
      /^ {2}mycommand +: example of command from hostout.myplugin$/m,
    );
    const { stdout } = await project.hostout("host1", "mycommand");
    expect(stdout).toContain("Running command 'mycommand' from 'hostout.myplugin'");
    expect(stdout).toContain("] out: BLAH\n");
    expect(stdout).toContain(`blah of host1 in ${project.directory}\n`);
    const again = await project.buildout();
    expect(again.stdout).toContain("Updating host1.");
    const deployed = await project.hostout("host1", "postdeploy");
    expect(deployed.stdout).toContain("plugin's postdeploy\n");
  });

  test("the part's own fabfile is above the plugin's", async () => {
    configure({ extends: "hostout.myplugin", fabfiles: "fabfile.py" });
    expect((await project.buildout()).stderr).toBe("");
    const { stdout } = await project.hostout("host1", "mycommand");
    expect(stdout).toContain("Running command 'mycommand' from 'fabfile.py'\nown\n");
    expect(stdout).toContain("out: NOTHING\n");
  });

  test("a distribution that does not exist is reported", async () => {
    configure({ extends: "hostout.myplgin" });
    const { stderr, status } = await project.buildout();
    expect(status).toBe(1);
    expect(stderr).toContain(
      "host1 extends 'hostout.myplgin', which is neither a part nor a plugin.",
    );
  });
});
