// A command line that is not understood does nothing: no host is contacted.

import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from "vitest";
import { nativePlugins } from "../../recipes/plugins/index.ts";
import { argumentRange } from "../../src/arguments/check-arguments.ts";
import { runHostout } from "../../src/cli/hostout/run-hostout.ts";
import { readWords } from "../../src/cli/hostout/words.ts";
import { fabfileRun } from "../../src/deploy/fabfile/run.ts";
import { declaration } from "../../src/deploy/run/chain.ts";
import { loadCommands, openProject } from "../../src/program/host-commands.ts";
import { formatError } from "../../src/report/error.ts";
import { TestProject } from "../support/deploy-project.ts";
import { startSandboxServer } from "../support/servers.ts";

const PLUGINS = [...nativePlugins.keys()];
/** None of them is started. */
const PROGRAMS = { engine: "", localFiles: "", rsyncShell: "", version: "" };

describe("arguments that are not understood", () => {
  let project: TestProject;
  let server: Server;
  let connections = 0;

  beforeAll(async () => {
    server = createServer((socket) => {
      connections++;
      socket.destroy();
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as { port: number };
    project = new TestProject({
      "buildout.cfg": `[buildout]
parts = host1 host2 bare tasks
[host1]
recipe = hostout
host = 127.0.0.1:${port}
extends = ${PLUGINS.join(" ")}
fabfiles = fabfile.ts fabfile.py tasks.py
[host2]
recipe = hostout
host = 127.0.0.1:${port}
[bare]
recipe = hostout
host = 127.0.0.1:${port}
extends = ${PLUGINS.join(" ")}
fabfiles = plain.ts fabfile.ts
[tasks]
recipe = hostout
host = 127.0.0.1:${port}
fabfiles = tasks.py
`,
      "fabfile.ts": `import { task } from "hostout";
export const greet = task("Say hello", async (name: string, when = "now, (or later)") => {});
export async function plain() {}
`,
      "plain.ts": "export const nothing = () => {};\n",
      "tasks.py": `from fabric import task

@task(help={"brush": "What to paint with"})
def varnish(c, color, brush="small", coats=1, dry=False):
    "Varnish the host."

@task
def rest(c, *, loudly=False):
    pass
`,
      "fabfile.py": `def sized(color, *, size):
    pass

def paint(color, brush="small"):
    """Paint the host.

    In any COLOR.
    """
paint.example = "paint red"

def nothing():
    pass
`,
    });
    expect(await project.buildout()).toMatchObject({ status: 0 });
  });

  afterAll(() => {
    server.close();
    project.remove();
  });

  /** Runs the command line in this process, which is faster. */
  async function hostoutHere(...words: string[]) {
    const said = { stdout: "", stderr: "" };
    const spies = (["stdout", "stderr"] as const).map((name) =>
      vi.spyOn(process[name], "write").mockImplementation((text) => {
        said[name] += text;
        return true;
      }),
    );
    const configuration = join(project.directory, "parts/hostout/hostout.cfg");
    try {
      return { status: await runHostout(words, configuration, PROGRAMS), ...said };
    } finally {
      for (const spy of spies) spy.mockRestore();
    }
  }

  test("no command logs in if an argument is not accepted", async () => {
    const before = connections;
    const opened = await openProject(undefined, project.directory);
    const fabfiles = fabfileRun(new AbortController().signal, "stderr", process.env);
    const loaded = await loadCommands(opened, ["bare", "tasks"], fabfiles);
    const { chains } = loaded.get("bare")!;
    expect(chains.size).toBeGreaterThan(45);
    // Python is started only for commands that need it.
    await Promise.all(fabfiles.closing.map((close) => close()));
    const tasks = [...loaded.get("tasks")!.chains].filter(([name]) => !chains.has(name));
    expect(tasks.map(([name]) => name)).toEqual(["rest", "varnish"]);
    const all = [
      ...[...chains].map(([name, chain]) => ["bare", name, chain] as const),
      ...tasks.map(([name, chain]) => ["tasks", name, chain] as const),
    ];
    for (const [host, name, chain] of all) {
      const { arguments: usage, options } = declaration(chain);
      for (const word of ["--help", "-h"]) {
        expect(await hostoutHere(host, name, word), `${name} ${word}`).toMatchObject({
          ...{ status: 0, stderr: "" },
          stdout: expect.stringMatching(
            `^Usage: bin/hostout \\[options\\] HOST\\.\\.\\. ${name}\\b`,
          ),
        });
      }
      for (const word of ["--dry-run", "--check", "--plans", "junk"]) {
        const isArgument = options === "untouched" || !word.startsWith("-");
        // An argument that it accepts; a task of Fabric 2 reads its own options.
        const takes = usage.replaceAll(/\[-[^ ]*\]/g, "").trim();
        if (takes !== "none" && takes !== "" && isArgument) continue;
        expect(await hostoutHere(host, name, word), `${name} ${word}`).toMatchObject({
          ...{ status: 2, stdout: "" },
          stderr: expect.stringMatching(
            `^Error: '${name}' (takes no [a-z ]+:|has no option) '${word}'\\.\n`,
          ),
        });
      }
    }
    expect(connections).toBe(before);
  });

  test("no command logs in for an empty argument", async () => {
    const before = connections;
    const opened = await openProject(undefined, project.directory);
    const fabfiles = fabfileRun(new AbortController().signal, "stderr", process.env);
    const { chains } = (await loadCommands(opened, ["host1"], fabfiles)).get("host1")!;
    await Promise.all(fabfiles.closing.map((close) => close()));
    const names = [...chains].filter(
      ([, chain]) => !chain.some(({ usesTerminal }) => usesTerminal) && declaration(chain),
    );
    expect(names.length).toBeGreaterThan(45);
    for (const [name, chain] of names) {
      const { least, most } = argumentRange(declaration(chain).arguments);
      for (let count = Math.max(1, least); count <= Math.min(most, 3); count++) {
        const words = Array.from({ length: count }, () => "");
        expect(await hostoutHere("bare", name, "--", ...words), name).toMatchObject({
          ...{ status: 2, stdout: "" },
          stderr: expect.stringMatching(/^Error: .*empty|'lock' takes/),
        });
      }
    }
    expect(await hostoutHere("bare", "put", "fabfile.ts", "")).toMatchObject({ status: 2 });
    expect(await hostoutHere("bare", "run", " ", "\t")).toMatchObject({ status: 2 });
    expect(connections).toBe(before);
  });

  test.each([
    [["host2", "help"], "Write 'bin/hostout help [COMMAND]'."],
    [["host2", "version"], "Did you mean '--version'?"],
    [["host2", "predeploy", "junk"], "'predeploy' takes no arguments: 'junk'.\n  Usage: "],
    [
      ["-c", "/nothere", "host2", "deploy"],
      "Error: There is no file /nothere.\n  Name the one that bin/buildout writes",
    ],
    [["varnsh:red,brush=small"], "Write arguments as separate words: bin/hostout HOST COMMAND "],
    [["host2", "deplyo:x"], "Did you mean 'deploy'? Write arguments as separate words: "],
    [["-c", "", "host1"], "Error: No file name specified for option -c\n"],
    [["", "deploy"], "Error: There is no host ''.\n"],
    [["host1", ""], "Error: There is no host or command ''.\n"],
    [
      ["host2", "deploy", "--dry-run"],
      "Error: 'deploy' takes no arguments: '--dry-run'.\n  '--plan' shows what deploy would do.\n",
    ],
    [["host2", "cleanup", "--dry-run"], "\n  '--plan' shows what cleanup would do.\n"],
    [["host2", "uploadeggs", "-n"], "\n  Usage: bin/hostout HOST uploadeggs\n"],
    [
      ["bare", "deploy", "host2"],
      "Error: 'deploy' takes no arguments: 'host2'.\n  Hosts go before commands: bin/hostout bare host2 deploy\n",
    ],
    [["deploy", "host1"], "'deploy' is a command. Hosts go before commands: "],
    [["bare", "hotfix", "--dry-run", "x"], "Error: 'hotfix' takes no options: '--dry-run'.\n"],
    [["bare", "dockerfile", "--dry-run"], "Error: 'dockerfile' takes no options: '--dry-run'.\n"],
    [["bare", "pull", "--dry-run"], "Error: 'pull' has no option '--dry-run'.\n"],
    [["bare", "tail"], "Error: 'tail' needs more arguments: [-f|-BYTES] PROGRAM [stdout|stderr]\n"],
    [["host2", "uploadeggs", "uploadbuildot"], "Did you mean 'uploadbuildout'?"],
    [["bare", "host2", "greet", "you"], "Error: host2 has no command 'greet'.\n"],
    [["--dry-run", "host1", "deploy"], "Error: Invalid option --dry-run\n"],
    [["bare", "nothing", "x"], "Error: 'nothing' takes no arguments: 'x'.\n"],
    [["host2", "deploy", "put:a,b"], "separate words: bin/hostout HOST put FILE [TARGET]."],
    [["deploy:host=host1"], "is a command. Hosts go before commands: bin/hostout HOST deploy"],
    [["help", "depoly"], "Did you mean 'deploy'?"],
    [["completion"], "bash, zsh or fish"],
    [["-P", "host1"], "Error: '--parallel' needs a command.\n"],
    [["--plan", "host1"], "Error: '--plan' needs a command.\n"],
    [["--out", "x", "host1"], "Error: '--out' needs a command.\n"],
    [["--lock-wait"], "Error: '--lock-wait' needs a command.\n"],
    [["--from", "x", "host1", "put", "y"], "  Usage: bin/hostout HOST... deploy --from FILE\n"],
    [["--lock-wait", "60", "host1", "deploy"], "an option, write '--lock-wait=60'."],
    [["host1", "--lock-wait", "60", "deploy"], "an option, write '--lock-wait=60'."],
    [
      ["--lock-wait", "host2", "run", "true"],
      "Error: '--lock-wait' works only with commands that change the host, not with 'run'.\n  Usage: bin/hostout HOST... --lock-wait deploy\n",
    ],
    [["host2", "releases", "--lock-wait=5"], "not with 'releases'.\n"],
    [
      ["host2", "cleanup", "--keep-drift"],
      "Error: '--keep-drift' works only with commands that put a release in place, not with 'cleanup'.\n",
    ],
    [["--keep-drift", "host2", "put", "x"], "not with 'put'.\n"],
    [
      ["all", "get", "x"],
      "Error: 'get' takes one host, not 4.\n  Run it once for each host, with different targets: ",
    ],
    [["host1", "host2", "download", "1", "there"], "Error: 'download' takes one host, not 2.\n"],
    [["-q"], "Error: '--quiet' needs a command.\n"],
    [["--accept-new", "help"], "Error: '--accept-new' needs a command.\n"],
  ])("%j ends with status 2", async (words, message) => {
    const before = connections;
    const { status, stderr, stdout } = await hostoutHere(...words);
    expect(stderr).toContain(message);
    expect(stdout).toBe("");
    expect(status).toBe(2);
    expect(connections).toBe(before);
  });

  describe("of commands in Python", () => {
    const fabfiles = fabfileRun(new AbortController().signal, "stderr", process.env);
    let chains: Awaited<ReturnType<typeof loadCommands>>;

    beforeAll(async () => {
      const opened = await openProject(undefined, project.directory);
      chains = await loadCommands(opened, ["host1"], fabfiles);
    });

    afterAll(async () => {
      await Promise.all(fabfiles.closing.map((close) => close()));
    });

    test.each([
      [
        ["host1", "deploy", "varnish", "--dry-run"],
        "'varnish' has no option '--dry-run'.\n  Usage: ",
      ],
      [["host1", "varnish", "red", "--brsh=x"], "Did you mean '--brush'?"],
      [["host1", "varnish", "red", "--coats", "x"], "needs a whole number for --coats, not 'x'"],
      [["host1", "varnish", "red", "--brush"], "'varnish' needs a value for --brush."],
      [["host1", "varnish", "red", "-b", "x", "-b", "y"], "'varnish' takes --brush once."],
      [["host1", "deploy", "varnish"], "'varnish' needs more arguments: COLOR."],
      [["host1", "deploy", "rest", "junk"], "'rest' takes no arguments"],
      [["host1", "deploy", "paint", "--dry-run"], "'paint' takes no options: '--dry-run'."],
      [["host1", "sized", "red"], "'sized' does not take these words: missing a required"],
      [
        ["host1", "paint:red,brush=small"],
        "Write arguments as separate words: bin/hostout HOST paint COLOR [BRUSH].",
      ],
    ])("%j is wrong usage", async (words, message) => {
      const before = connections;
      const hosts = ["host1", "host2"].map((name) => ({ name, roles: [] }));
      const names = { hosts: async () => hosts, commands: async () => chains };
      const error = await readWords(words, names).catch((thrown: unknown) => thrown);
      expect(error).toMatchObject({ code: expect.stringMatching(/^(usage|unknown-command)$/) });
      expect(formatError(error, { directory: project.directory })).toContain(message);
      expect(connections).toBe(before);
    });
  });

  test.each([
    [["--json", "help"]],
    [["--json", "--version"]],
    [["--version", "--json"]],
    [["host1", "deploy", "--help", "--json"]],
    [["--json", "host1", "run", "-h"]],
  ])("%j has no JSON", async (words) => {
    const { status, stdout } = await project.hostout(...words);
    expect(JSON.parse(stdout.split("\n")[0]!)).toMatchObject({ type: "error", code: "usage" });
    expect(status).toBe(2);
  });

  test.each([
    [["host1", "deploy", "--help"], /HOST\.\.\. deploy\n[\s\S]*Stage, push and restart\.\n/],
    [
      ["help", "put"],
      /HOST\.\.\. put FILE \[TARGET\]\n[\s\S]*host1 put dump\.sql var\/dump\.sql\n/,
    ],
    [["bare", "greet", "-h"], /HOST\.\.\. greet \[name\] \[when\]\n\nSay hello\.\n/],
    [
      ["help", "paint"],
      /paint COLOR \[BRUSH\]\n\nPaint the host\.\n\nIn any COLOR\.\n\nExample:\n {2}bin\/hostout host1 paint red\n/,
    ],
    [["host1", "varnish", "--help"], /varnish COLOR \[--brush=BRUSH\][\s\S]*What to paint with/],
    [["help"], /hostout help \[COMMAND\][\s\S]*--accept-new/],
    [["-D", "help", "paint"], /paint COLOR/],
    [["help", "completion"], /Usage: hostout completion bash \| zsh \| fish\n\nPrint/],
    [["completion", "--help"], /Usage: hostout completion bash/],
    [["help", "help"], /Usage: hostout help \[COMMAND\]/],
    [["-q", "completion", "words"], /^host1$[\s\S]*^greet$/m],
  ])("%j prints help", async (words, text) => {
    const before = connections;
    const { status, stdout, stderr } = await hostoutHere(...words);
    expect(stdout).toMatch(text);
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
    expect(connections).toBe(before);
  });
});

test("outside a project, the error says what to do", async () => {
  const folder = mkdtempSync(join(tmpdir(), "hostout-outside-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  await expect(openProject(undefined, folder)).rejects.toMatchObject({
    code: "no-hostout-cfg",
    hint: expect.stringMatching(/Change to the directory[\s\S]*'buildout init'/),
  });
});

test("a dry run runs nothing; the status of run is passed on, with several hosts the highest", async () => {
  const server = await startSandboxServer();
  const project = new TestProject({});
  onTestFinished(async () => {
    project.remove();
    await server.close();
  });
  const host = project.hostLines(server, { buildout: "" });
  project.write({
    "buildout.cfg": `[buildout]\nparts = a b\n[a]\n${host}pre-commands = touch ${server.home}/ran\n[b]\n${host}path = ${server.home}/b\n`,
  });
  expect(await project.buildout()).toMatchObject({ status: 0 });
  // Arguments that are not understood do not even start the steps before a deployment.
  const refused = await project.hostout("a", "deploy", "--dry-run");
  expect(refused).toMatchObject({ status: 2, stdout: "" });
  expect(existsSync(join(server.home, "ran"))).toBe(false);
  expect(await project.hostout("a", "run", "exit 7")).toMatchObject({ status: 7 });
  const one = `mkdir -p ${server.home}/b; cd ${server.home}; mkdir taken 2>/dev/null && exit 3; exit 9`;
  expect(await project.hostout("-P", "all", "run", one)).toMatchObject({ status: 9 });
});
