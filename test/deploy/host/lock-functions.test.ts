import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, onTestFinished, test } from "vitest";
import lockFunctions from "../../../src/deploy/host/programs/lock-functions.sh?raw";
import ownerFunctions from "../../../src/deploy/host/programs/owner-functions.sh?raw";
import releaseLock from "../../../src/deploy/host/programs/release-lock.sh?raw";

let path: string;
const daemons: number[] = [];

beforeEach(() => {
  path = mkdtempSync(join(tmpdir(), "hostout-lock-"));
  mkdirSync(join(path, ".hostout"));
});

afterEach(() => {
  for (const pid of daemons.splice(0)) process.kill(pid);
  rmSync(path, { recursive: true });
});

const file = () => join(path, ".hostout/working");
const isFree = () => spawnSync("flock", ["-n", file(), "true"]).status === 0;

describe.each([["dash"], ["busybox", "sh"]])("in %s", (shell, ...words) => {
  const run = (program: string, ...args: string[]) =>
    spawnSync(shell, [...words, "-c", program, "sh", ...args], { cwd: path, encoding: "utf8" });

  /** A program that leaves a daemon, and ends in its own way. */
  function work(end: string) {
    const daemon = "sleep 1000 <&- >&- 2>&- & echo $!";
    const result = run(
      `${lockFunctions}set -e; working "a test"; ${daemon}
flock -n .hostout/working true || echo locked
${end}`,
    );
    const [pid, ...lines] = result.stdout.trim().split("\n");
    daemons.push(Number(pid));
    return { lines, status: result.status };
  }

  test.each([
    ["its end", "", 0],
    ["a failure", "(exit 3)", 3],
    ["its status", "exit 4", 4],
  ])("a program at work keeps others out until %s, whatever it leaves behind", (_, end, status) => {
    expect(work(end)).toEqual({ lines: ["locked"], status });
    expect(readFileSync(file(), "utf8")).toMatch(/^what=a test\nsince=\S+\npid=\d+\n$/);
    expect(isFree()).toBe(true);
  });

  test("if it was killed, --force frees the lock from processes that it left behind", () => {
    expect(work("kill -KILL $$").status).toBe(null);
    expect(isFree()).toBe(false);
    expect(run(`${lockFunctions}${ownerFunctions}${releaseLock}`, path, "no").status).toBe(0);
    expect(isFree()).toBe(false);
    expect(run(`${lockFunctions}${ownerFunctions}${releaseLock}`, path, "yes")).toMatchObject({
      status: 0,
      stderr: "",
    });
    expect(isFree()).toBe(true);
  });

  test.each(["-1", "0", "", "1x", "$(kill -1)"])(
    "with a noted pid of '%s' --force ends nothing, and says why",
    async (pid) => {
      const lock = join(path, ".hostout/lock");
      writeFileSync(lock, `who=ann\npid=${pid}\n`);
      const other = spawn("flock", ["-F", lock, "sh", "-c", "echo; exec sleep 1000"]);
      onTestFinished(() => void other.kill());
      await once(other.stdout, "data");
      const spy = 'kill() { echo "kill $*"; }\n';
      expect(
        run(`${spy}${lockFunctions}${ownerFunctions}${releaseLock}`, path, "yes"),
      ).toMatchObject({
        status: 1,
        stdout: "",
        stderr: expect.stringContaining("does not say which program has the lock"),
      });
    },
  );
});
