import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { TestProject } from "../support/deploy-project.ts";
import { eventsIn } from "../support/events-schema.ts";
import { startSandboxServer, type TestServer } from "../support/servers.ts";
import { interruptedWriter } from "../support/stopped-reader.ts";

const FABFILE = `import { api } from "hostout";
export async function says() {
  console.log("from a fabfile");
  await api.run("echo from the host");
  return 3;
}
export const no = () => false;
`;

describe("hostout --json", () => {
  let server: TestServer;
  let project: TestProject;

  beforeAll(async () => {
    server = await startSandboxServer();
    project = new TestProject({ "prod.cfg": "[buildout]\nparts =\n", "fab.ts": FABFILE });
    project.write({
      "buildout.cfg": `[buildout]
parts = host1 gone
[host1]
${project.hostLines(server, { fabfiles: "fab.ts", path: server.home })}
[gone]
<= host1
host = 127.0.0.1:1
`,
    });
    const built = await project.buildout();
    expect([built.status, built.stderr]).toEqual([0, ""]);
  });

  afterAll(async () => {
    project?.remove();
    await server?.close();
  });

  test("prints only events; the last one contains the result", async () => {
    const { status, stdout, stderr } = await project.hostout("--json", "host1", "says");
    expect([status, stderr]).toEqual([0, expect.stringContaining("from a fabfile\n")]);
    const events = eventsIn(stdout, "hostout");
    expect(events).toContainEqual(
      expect.objectContaining({ type: "output", host: "host1", line: "from the host" }),
    );
    expect(events).toContainEqual(
      expect.objectContaining({ type: "result", host: "host1", name: "says", value: 3 }),
    );
    expect(events.at(-1)).toMatchObject({ type: "done", ok: true, failed: [] });
  });

  test("writes the same events to a file, and prints the text", async () => {
    const file = join(project.scratch, "events.jsonl");
    const kept = async (...words: string[]) => {
      const outcome = await project.hostout(`--json=${file}`, ...words);
      return { ...outcome, events: eventsIn(readFileSync(file, "utf8"), "hostout") };
    };
    const { status, stdout, events } = await kept("host1", "says");
    expect([status, stdout]).toEqual([0, expect.stringMatching(/out: from the host\n/)]);
    expect(stdout).toContain("from a fabfile\n");
    const ends = [
      { type: "finished", host: "host1", outcome: "done" },
      { type: "done", ok: true },
    ];
    expect(events).toEqual(expect.arrayContaining(ends.map((one) => expect.objectContaining(one))));
    const failed = await kept("gone", "says");
    expect([failed.status, failed.stderr]).toEqual([1, expect.stringContaining("Error: ")]);
    expect(failed.events.map(({ type }) => type)).toContain("error");
    expect(failed.events.at(-1)).toMatchObject({ type: "done", ok: false, failed: ["gone"] });
  });

  test("refuses a file that cannot be written, or that nothing is written to", async () => {
    const away = await project.hostout("--json=/proc/nowhere/events", "host1", "says");
    expect([away.status, away.stderr]).toEqual([
      2,
      expect.stringMatching(/^Error: Cannot write \/proc\/nowhere\/events: /),
    ]);
    const idle = await project.hostout(`--json=${join(project.scratch, "none")}`, "host1");
    expect(idle).toMatchObject({ status: 2, stdout: "" });
    expect(idle.stderr).toContain("'--json=FILE' needs a command.");
    expect(existsSync(join(project.scratch, "none"))).toBe(false);
  });

  test("Ctrl-C ends it even if nobody reads its output", async () => {
    const script = join(project.directory, "bin/hostout");
    const ended = await interruptedWriter(
      project.directory,
      process.execPath,
      [script, "--json", "host1", "run", "yes"],
      { PATH: process.env.PATH, HOME: project.scratch, USER: "tester" },
    );
    expect(ended).toMatch(/^(SIGINT|status 130)$/);
  });

  test("a command that fails is not an error, but the host has failed", async () => {
    const { status, stdout } = await project.hostout("--json", "host1", "no");
    expect(status).toBe(1);
    const events = eventsIn(stdout, "hostout");
    expect(events.filter(({ type }) => type === "error")).toEqual([]);
    expect(events.at(-1)).toMatchObject({ ok: false, failed: ["host1"] });
  });

  test("an error of a host is one line with the host", async () => {
    const { status, stdout } = await project.hostout("--json", "-P", "all", "says");
    expect(status).toBe(1);
    const events = eventsIn(stdout, "hostout");
    expect(events.filter(({ type }) => type === "error")).toEqual([
      expect.objectContaining({ host: "gone", code: "host-unreachable" }),
    ]);
    expect(events.at(-1)).toMatchObject({ ok: false, failed: ["gone"] });
  });

  test("a wrong command line is an error without a host", async () => {
    const { status, stdout, stderr } = await project.hostout("--json", "host1", "sais");
    expect([status, stderr]).toEqual([2, ""]);
    const [error, done] = eventsIn(stdout, "hostout");
    expect(error).toMatchObject({ type: "error", code: "unknown-command" });
    expect(error).not.toHaveProperty("host");
    expect(done).toMatchObject({ ok: false, failed: [] });
  });
});
