// A command line that is not understood does nothing: no host hears of it.

import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { nativePlugins } from "../../recipes/plugins/index.ts";
import { loadCommands, openProject } from "../../src/cli/hostout/host-commands.ts";
import { readWords } from "../../src/cli/hostout/words.ts";
import { fabfileRun } from "../../src/deploy/fabfile/run.ts";
import { declaration } from "../../src/deploy/run/chain.ts";
import { TestProject } from "../support/deploy-project.ts";
import { startSandboxServer } from "../support/servers.ts";

const PLUGINS = [...nativePlugins.keys()].filter((name) => name !== "hostout.mrdeveloper");
const WORDS = ["--help", "-h", "--dry-run", "--check", "--plan", "junk"];

describe("words that are not understood", () => {
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
parts = host1 host2
[host1]
recipe = hostout
host = 127.0.0.1:${port}
extends = ${PLUGINS.join(" ")}
fabfiles = fabfile.ts fabfile.py
[host2]
recipe = hostout
host = 127.0.0.1:${port}
`,
      "fabfile.ts": `import { task } from "hostout";
export const greet = task("Say hello", async (name: string, when = "now, (or later)") => {});
export async function plain() {}
`,
      "fabfile.py": `def paint(color, brush="small"):
    """Paint the host.

    In any COLOR.
    """

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

  test("every command refuses them, or takes them as arguments", async () => {
    const abort = new AbortController();
    const fabfiles = fabfileRun(abort.signal, "stderr", process.env);
    onTestFinished(() => Promise.all(fabfiles.closing.map((close) => close())).then(() => {}));
    const opened = await openProject(undefined, project.directory);
    const chains = await loadCommands(opened, ["host1", "host2"], fabfiles);
    const names = { hosts: async () => ["host1", "host2"], commands: async () => chains };
    const commands = [...chains.get("host1")!.chains];
    expect(commands.length).toBeGreaterThan(45);
    for (const [name, chain] of commands) {
      const takesNone = declaration(chain).arguments === "none";
      for (const word of WORDS) {
        const reading = readWords(["host1", name, word], names);
        if (word === "--help" || word === "-h") {
          expect(await reading, name).toMatchObject({ commands: [name], options: { help: true } });
        } else if (takesNone) {
          const message = `'${name}' takes no arguments: '${word}'.`;
          await expect(reading).rejects.toMatchObject({ code: "usage", message });
        } else {
          // Too few arguments are refused as well.
          const read = await reading.catch((error: { code: string }) => error.code);
          if (read !== "usage") expect(read, name).toMatchObject({ args: [word] });
        }
      }
    }
  });

  test.each([
    [["host1", "deploy", "--dry-run"], "Error: 'deploy' takes no arguments: '--dry-run'.\n"],
    [["host1", "deploy", "host2"], "Error: 'deploy' takes no arguments: 'host2'.\n"],
    [["host2", "uploadeggs", "uploadbuildot"], "Did you mean 'uploadbuildout'?"],
    [["host1", "host2", "greet", "you"], "Error: host2 has no command 'greet'.\n"],
    [["--dry-run", "host1", "deploy"], "Error: Invalid option --dry-run\n"],
    [["host1", "nothing", "x"], "Error: 'nothing' takes no arguments: 'x'.\n"],
    [["help", "depoly"], "Did you mean 'deploy'?"],
    [["completion"], "bash, zsh or fish"],
  ])("%j ends with status 2", async (words, message) => {
    const before = connections;
    const { status, stderr, stdout } = await project.hostout(...words);
    expect(stderr).toContain(message);
    expect(stdout).toBe("");
    expect(status).toBe(2);
    expect(connections).toBe(before);
  });

  test.each([
    [["host1", "deploy", "--help"], /HOST\.\.\. deploy\n[\s\S]*stage, push and then restart\.\n/],
    [
      ["help", "put"],
      /HOST\.\.\. put FILE \[TARGET\]\n[\s\S]*host1 put dump\.sql var\/dump\.sql\n/,
    ],
    [["host1", "greet", "-h"], /HOST\.\.\. greet \[name\] \[when\]\n\nSay hello\.\n/],
    [["help", "paint"], /paint COLOR \[BRUSH\]\n\nPaint the host\.\n\nIn any COLOR\.\n/],
    [["help"], /hostout help \[COMMAND\][\s\S]*--accept-new/],
    [["completion", "words"], /^host1$[\s\S]*^greet$/m],
  ])("%j prints help", async (words, text) => {
    const before = connections;
    const { status, stdout, stderr } = await project.hostout(...words);
    expect(stdout).toMatch(text);
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
    expect(connections).toBe(before);
  });
});

test("outside a project it says what to do", async () => {
  const folder = mkdtempSync(join(tmpdir(), "hostout-outside-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  await expect(openProject(undefined, folder)).rejects.toMatchObject({
    code: "no-hostout-cfg",
    hint: expect.stringMatching(/Change to the directory[\s\S]*'buildout init'/),
  });
});

test("the status of run is passed on; of several hosts the highest", async () => {
  const server = await startSandboxServer();
  const project = new TestProject({});
  onTestFinished(async () => {
    project.remove();
    await server.close();
  });
  const host = project.hostLines(server, { buildout: "" });
  project.write({
    "buildout.cfg": `[buildout]\nparts = a b\n[a]\n${host}\n[b]\n${host}path = ${server.home}/b\n`,
  });
  expect(await project.buildout()).toMatchObject({ status: 0 });
  expect(await project.hostout("a", "run", "exit 7")).toMatchObject({ status: 7 });
  const one = `mkdir -p ${server.home}/b; cd ${server.home}; mkdir taken 2>/dev/null && exit 3; exit 9`;
  expect(await project.hostout("-P", "all", "run", one)).toMatchObject({ status: 9 });
});
