/** Ctrl-C and SIGTERM end a run at once, with everything it has started, whatever it is doing. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { execaSync } from "execa";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { command, environment } from "../support/command-project.ts";
import { type Running, start } from "../support/running.ts";
import { type ScratchFiles, scratchFiles } from "../support/scratch.ts";

const WAIT = { timeout: 120_000 };
const SIGNALS = [
  ["SIGINT", 130],
  ["SIGTERM", 143],
] as const;

function run(files: ScratchFiles, args: readonly string[] = [], env = {}): Running {
  const running = start(process.execPath, [command, ...args], {
    cwd: files.directory,
    env: { ...environment(files.directory), ...env },
  });
  onTestFinished(() => void running.child.kill("SIGKILL"));
  return running;
}

/** A server that accepts requests and never responds. */
async function silentServer() {
  const asked: string[] = [];
  const server = createServer(({ url = "" }) => void asked.push(url));
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked };
}

/** The processes with `text` in their command lines. */
function processesWith(text: string): string[] {
  const listed = execaSync("ps", ["-eo", "pid=,args="]).stdout.split("\n");
  return listed.filter((line) => line.includes(text) && !line.includes("ps -eo"));
}

/** Processor time that a process has used, in clock ticks. */
function ticks(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1]!.split(" ");
  return Number(fields[11]) + Number(fields[12]);
}

/** Bytes that a process has read. */
function bytesRead(pid: number): number {
  return Number(/^rchar: (\d+)$/m.exec(readFileSync(`/proc/${pid}/io`, "utf8"))?.[1]);
}

describe.each(SIGNALS)("%s", (signal, status) => {
  /** Sends the signal. The run must end with it, and leave no process working in the directory. */
  async function ends({ child, outcome }: Running, files: ScratchFiles): Promise<void> {
    child.kill(signal);
    const ended = await outcome;
    expect([ended.status, ended.stderr]).toEqual([
      status,
      expect.stringMatching(/Interrupted\.\n$/),
    ]);
    await vi.waitFor(() => expect(processesWith(files.directory)).toEqual([]), WAIT);
  }

  test.runIf(process.platform === "linux")(
    "is heard after the file that is being parsed",
    { timeout: 240_000 },
    async () => {
      const text = `[buildout]\nparts =\n[a]\n${"o = 1\n".repeat(1_000_000)}`;
      const files = scratchFiles({ "buildout.cfg": text });
      const running = run(files, ["config"]);
      await vi.waitFor(
        () => expect(bytesRead(running.child.pid!)).toBeGreaterThan(text.length),
        WAIT,
      );
      await ends(running, files);
      expect((await running.outcome).stdout).toBe("");
    },
  );

  test.runIf(process.platform === "linux")("ends lint", { timeout: 240_000 }, async () => {
    const count = 60_000;
    const sections = Array.from({ length: count }, (_, i) => `[s${i}]\na = \${gone${i}:x}\n`);
    const files = scratchFiles({ "buildout.cfg": `[buildout]\nparts =\n${sections.join("")}` });
    const loading = run(files, ["query", "buildout:parts"]);
    let load = 0;
    const timer = setInterval(() => {
      try {
        load = ticks(loading.child.pid!);
      } catch {
        // It has ended.
      }
    }, 5);
    expect((await loading.outcome).status).toBe(0);
    clearInterval(timer);
    const running = run(files, ["lint"]);
    // The common steps of both commands are done.
    await vi.waitFor(() => expect(ticks(running.child.pid!)).toBeGreaterThan(load), WAIT);
    await ends(running, files);
    expect((await running.outcome).stdout).toBe("");
  });

  test.each([[[]], [["annotate"]], [["query", "parts"]], [["setup", "setup.py"]]])(
    "ends the download of a file that is extended: %j",
    { timeout: 240_000 },
    async (words) => {
      const { url, asked } = await silentServer();
      const files = scratchFiles({
        "buildout.cfg": `[buildout]\nextends = ${url}/base.cfg\nparts =\n`,
      });
      const running = run(files, words);
      await vi.waitFor(() => expect(asked).toEqual(["/base.cfg"]), WAIT);
      await ends(running, files);
    },
  );

  /** A package whose setup.py reports that it runs, and does not end. */
  const ENDLESS =
    "import time\nopen('running', 'w').write('yes')\nwhile True:\n    time.sleep(0.1)\n";

  test.each([
    ["a develop package", []],
    ["the setup command", ["setup", "package"]],
  ])("ends the setup.py of %s", { timeout: 240_000 }, async (what, words) => {
    const develop = what === "a develop package" ? "develop = package\n" : "";
    const files = scratchFiles({
      "buildout.cfg": `[buildout]\n${develop}parts =\n`,
      "package/setup.py": ENDLESS,
    });
    const running = run(files, words);
    await vi.waitFor(() => expect(files.has("package/running")).toBe(true), WAIT);
    await ends(running, files);
    if (develop !== "") expect(readdirSync(files.path("develop-eggs"))).toEqual([]);
  });

  test("ends the download of a recipe", { timeout: 240_000 }, async () => {
    const { url, asked } = await silentServer();
    const files = scratchFiles({
      "buildout.cfg": `[buildout]\nparts = a\n[a]\nrecipe = hexagonit.recipe.download\nurl = ${url}/a.tgz\n`,
    });
    const running = run(files);
    await vi.waitFor(() => expect(asked).toEqual(["/a.tgz"]), WAIT);
    await ends(running, files);
    expect(files.has("parts/a")).toBe(false);
  });

  test("ends npm", { timeout: 240_000 }, async () => {
    const { url, asked } = await silentServer();
    const files = scratchFiles({
      "buildout.cfg": "[buildout]\nparts = a\n[a]\nrecipe = hostout:node\neggs = never-there\n",
    });
    const running = run(files, [], { npm_config_registry: `${url}/` });
    await vi.waitFor(() => expect(asked.length).toBeGreaterThan(0), WAIT);
    await ends(running, files);
  });

  test("ends processes that a TypeScript recipe has started", { timeout: 240_000 }, async () => {
    const files = scratchFiles({
      "buildout.cfg": "[buildout]\nparts = a\n[a]\nrecipe = ./own.ts\n",
      "own.ts": `import { defineRecipe, runCommand } from "hostout";
export default defineRecipe({
  description: "starts a command",
  async install(part) {
    const { directory } = part.buildout;
    const command = \`echo $$ > pid.new; mv pid.new pid; sleep 600; : \${directory}\`;
    await runCommand({ command, directory });
    return [];
  },
});`,
    });
    const running = run(files);
    await Promise.race([
      vi.waitFor(() => expect(existsSync(files.path("pid"))).toBe(true), WAIT),
      running.outcome,
    ]);
    await ends(running, files);
  });
});
