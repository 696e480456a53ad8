import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { TestProject } from "../support/deploy-project.ts";
import {
  eventually,
  processesWith,
  sshdMissing,
  startSshdServer,
  type TestServer,
} from "../support/servers.ts";

const MILLION = 1_000_000;

/** Prints this number of letters in one line, without an end. */
const oneLine = (count: number) => `head -c ${count} /dev/zero | tr '\\0' x`;
/** The same in lines of 100. */
const manyLines = (count: number) => `${oneLine(count)} | fold -w 99`;

describe.skipIf(sshdMissing)("output without bounds", () => {
  let server: TestServer;
  let project: TestProject;

  beforeAll(async () => {
    server = await startSshdServer();
    project = new TestProject({ "prod.cfg": "[buildout]\nparts =\n" });
    const parts = ["host1", "host2"].map(
      (name) => `[${name}]\n${project.hostLines(server, { path: join(server.home, name) })}`,
    );
    execFileSync("install", [
      "-d",
      "-o",
      server.user,
      join(server.home, "host1"),
      join(server.home, "host2"),
    ]);
    project.write({
      "buildout.cfg": `[buildout]\nparts = host1 host2\n${parts.join("")}`,
      "peak.cjs": `process.on("exit", () => require("node:fs").writeFileSync(process.env.PEAK, String(process.resourceUsage().maxRSS)));`,
    });
    expect(await project.buildout()).toMatchObject({ stderr: "", status: 0 });
    expect((await project.hostout("host1", "run", "true")).status).toBe(0);
  });
  afterAll(async () => {
    project?.remove();
    await server?.close();
  });

  /** Runs the command with its output sent to `wc`; returns the number of letters `x`, and kilobytes of memory. */
  async function measure(words: string[]): Promise<{ letters: number; peak: number }> {
    const peak = join(project.scratch, "peak");
    // With --json, the result repeats the end of the output.
    const hostout = `"$0" --require ./peak.cjs bin/hostout "$@" | grep -v '"type":"result"' | tr -cd x | wc -c`;
    const script = `PEAK=${peak}; export PEAK; ${hostout}`;
    const { stdout, stderr, status } = await project.run("sh", [
      "-c",
      script,
      process.execPath,
      ...words,
    ]).outcome;
    expect(stderr).toBe("");
    expect(status).toBe(0);
    return { letters: Number(stdout), peak: Number(readFileSync(peak, "utf8")) };
  }

  test.each([
    ["in lines", manyLines, ["host1"]],
    ["in one line, as JSON", oneLine, ["--json", "host1"]],
    ["of two hosts", oneLine, ["-P", "host1", "host2"]],
  ])("%s comes whole, in memory that does not grow with it", async (_name, command, words) => {
    // More than the end of the output that the result keeps.
    const few = 24 * MILLION;
    const many = 120 * MILLION;
    const hosts = words.filter((word) => word.startsWith("host")).length;
    const small = await measure([...words, "run", command(few)]);
    const large = await measure([...words, "run", command(many)]);
    // Letters of other output arrive, too.
    const noise = small.letters - hosts * few;
    expect(noise).toBeLessThan(100);
    expect(large.letters).toBe(hosts * many + noise);
    // Five times the output; the difference is when garbage is collected.
    expect(large.peak / small.peak).toBeLessThan(2.2);
  });

  test("ends at once with Ctrl-C, here and there", async () => {
    const mark = `endless-${process.pid}`;
    const running = project.startHostout("host1", "run", `yes ${mark}`);
    await running.said(`out: ${mark}\n`);
    expect(await processesWith(`yes ${mark}`)).not.toEqual([]);
    running.child.kill("SIGINT");
    const { status } = await running.outcome;
    expect(status).toBe(130);
    await eventually(async () => expect(await processesWith(`yes ${mark}`)).toEqual([]));
  });
});
