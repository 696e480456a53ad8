import { existsSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { TestProject } from "../support/deploy-project.ts";
import { startSandboxServer, type TestServer } from "../support/servers.ts";

/** More than the ten listeners that Node regards as a leak. */
const NAMES = Array.from({ length: 12 }, (_, index) => `web${index + 1}`);

let server: TestServer;
let project: TestProject;

beforeAll(async () => {
  server = await startSandboxServer();
  project = new TestProject({});
  const host = (name: string, index: number) => {
    const path = join(server.home, name);
    mkdirSync(path);
    const roles = index < 4 ? "front" : "back";
    return `[${name}]\n${project.hostLines(server, { path, roles, buildout: "" })}`;
  };
  const parts = `[buildout]\nparts = ${NAMES.join(" ")}\n`;
  project.write({ "buildout.cfg": `${parts}${NAMES.map(host).join("")}` });
  expect(await project.buildout()).toMatchObject({ status: 0, stderr: "" });
});

afterAll(async () => {
  project.remove();
  await server.close();
});

/** A command that ends with a status on some hosts. */
const failing = (hosts: string, status: number) =>
  `echo at work; case $PWD in ${hosts}) exit ${status};; esac`;

/** The lines of the summary, without seconds. */
const summary = (stdout: string) =>
  stdout
    .split("\n")
    .filter((line) => /^(web\d|\d+ of|Again|Done)/.test(line))
    .map((line) => line.replace(/ +\d+ s(?= |$)/, ""));

test("all in parallel: no host hides another, and the last line repeats those that failed", async () => {
  const line = failing("*/web2|*/web3", 3);
  const { status, stdout, stderr } = await project.hostout("-P", "@front", "run", line);
  expect(status).toBe(3);
  expect(summary(stdout)).toEqual([
    "web1  done",
    expect.stringMatching(/^web2 {2}failed {2}.*status 3/),
    expect.stringMatching(/^web3 {2}failed {2}.*status 3/),
    "web4  done",
    "2 of 4 hosts done, 2 failed.",
    `Again: bin/hostout --parallel=32 web2 web3 run '${line}'`,
  ]);
  // Parts on one machine can be distinguished.
  for (const name of NAMES.slice(0, 4)) expect(stdout).toContain(`[${name}] out: at work\n`);
  expect(stderr.match(/^\[web[23]\] Error: /gm)).toHaveLength(2);
});

test("batches: no further one begins after a failure, unless it may fail", async () => {
  const rollout = ["--rollout", "1 3 100%"];
  const first = await project.hostout(...rollout, "all", "run", failing("*/web3", 4));
  expect(first.status).toBe(4);
  expect(summary(first.stdout).slice(0, 5)).toEqual([
    "web1   done",
    "web2   done",
    expect.stringMatching(/^web3 {3}failed/),
    "web4   done",
    "web5   not reached",
  ]);
  expect(summary(first.stdout).at(-2)).toBe("3 of 12 hosts done, 1 failed, 8 not reached.");
  expect(first.stdout).not.toContain("Done.");
  const all = await project.hostout(
    ...[...rollout, "--max-fail=1", "all", "run", failing("*/web3", 4)],
  );
  expect(summary(all.stdout).at(-2)).toBe("11 of 12 hosts done, 1 failed.");
});

test("--timings shows where the time was spent, for each host", async () => {
  const { status, stderr } = await project.hostout("--timings", "-P", "web1,web2", "run", "true");
  expect(status).toBe(0);
  const [title, ...rows] = stderr.trimEnd().split("\n");
  expect(title).toContain("in milliseconds");
  const phases = rows.map((row) => /^ +(.*?) +(\d+) +(\d+)$/.exec(row)!.slice(1, 3));
  for (const wanted of ["web1: connection", "web2: connection", "web1: true", "web2: closing"]) {
    expect(phases.map(([phase]) => phase)).toContain(wanted);
  }
  const begins = phases.slice(0, -1).map(([, start]) => Number(start));
  expect(begins).toEqual([...begins].sort((one, other) => one - other));
  expect(phases.at(-1)).toEqual(["all", "0"]);
});

test("more than ten hosts in parallel leak nothing, and end with Done", async () => {
  const { status, stdout, stderr } = await project.hostout("-P", "all", "run", "true");
  expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
  expect(summary(stdout)).toEqual([...NAMES.map((name) => `${name.padEnd(5)}  done`), "Done."]);
  // Quiet means quiet, unless something fails.
  const quiet = await project.hostout("-q", "-P", "@front", "run", failing("*/web1", 1));
  expect(quiet.stdout.split("\n").sort()).toEqual([
    "",
    ...NAMES.slice(0, 4).map((name) => `[${name}] out: at work`),
  ]);
  expect(quiet.stderr).toContain("3 of 4 hosts done, 1 failed.\nAgain: bin/hostout");
});

test("events contain the result of each host, and of the call", async () => {
  const { status, stdout } = await project.hostout(
    ...["--json", "web1", "web2", "web3", "run", failing("*/web2", 1)],
  );
  expect(status).toBe(1);
  const events = stdout
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
  expect(
    events.filter(({ type }) => type === "finished").map(({ host, outcome }) => [host, outcome]),
  ).toEqual([
    ["web1", "done"],
    ["web2", "failed"],
    ["web3", "not-reached"],
  ]);
  expect(events.at(-1)).toMatchObject({
    ...{ type: "done", ok: false, failed: ["web2"], notReached: ["web3"] },
    again: expect.stringMatching(/^bin\/hostout web2 web3 run /),
  });
});

test("wrong sizes of batches are refused before anything logs in", async () => {
  for (const [option, message] of [
    ["--rollout=50% 10%", "Percentages are cumulative"],
    ["--max-fail=x", "'x' is neither a number"],
  ]) {
    const { status, stderr } = await project.hostout(option!, "all", "run", "true");
    expect(status).toBe(2);
    expect(stderr).toContain(message);
  }
});

for (const signal of ["SIGINT", "SIGTERM"] as const) {
  test(`the first ${signal} lets running hosts finish, the second ends them`, async () => {
    const go = join(server.home, "go");
    const line = `echo begun; until [ -e ${go} ]; do sleep 0.1; done; echo ended`;
    for (const isTwice of [false, true]) {
      rmSync(go, { force: true });
      const running = project.startHostout("-P2", "@front", "run", line);
      await running.said("[web1] out: begun");
      await running.said("[web2] out: begun");
      running.child.kill(signal);
      await running.warned("Still running: web1, web2.");
      if (isTwice) running.child.kill(signal);
      else writeFileSync(go, "");
      const { status, stdout, stderr } = await running.outcome;
      const outcome = isTwice ? "interrupted" : "done";
      expect(summary(stdout)).toEqual([
        `web1  ${outcome}`,
        `web2  ${outcome}`,
        "web3  not reached",
        "web4  not reached",
        isTwice
          ? "0 of 4 hosts done, 2 interrupted, 2 not reached."
          : "2 of 4 hosts done, 2 not reached.",
        expect.stringMatching(isTwice ? /^Again: .* web1 web2 web3/ : /^Again: .*=2 web3 web4 run/),
      ]);
      expect(status).toBe(signal === "SIGINT" ? 130 : 143);
      expect(stderr).toContain("Interrupted.");
      expect(existsSync(go)).toBe(!isTwice);
    }
  });
}
