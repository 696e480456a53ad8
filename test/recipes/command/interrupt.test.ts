import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, onTestFinished, test, vi } from "vitest";

const buildout = fileURLToPath(new URL("../../../bin/buildout", import.meta.url));

/** Starts bin/buildout with this part; `out` receives its output and that of its commands. */
function start(options: string) {
  const directory = mkdtempSync(path.join(tmpdir(), "interrupt-"));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  writeFileSync(path.join(directory, "buildout.cfg"), `[buildout]\nparts = x\n[x]\n${options}\n`);
  const child = spawn(process.execPath, [buildout], {
    cwd: directory,
    env: { ...process.env, HOME: directory },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const state = { out: "" };
  child.stdout.on("data", (data) => {
    state.out += data;
  });
  child.stderr.on("data", (data) => {
    state.out += data;
  });
  const ended = new Promise<number | NodeJS.Signals | null>((resolve) => {
    child.on("close", (status, by) => resolve(status ?? by));
  });
  return { child, state, ended, file: (name: string) => path.join(directory, name) };
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return !/^\d+ \(.*\) Z/.test(readFileSync(`/proc/${pid}/stat`, "utf8"));
  } catch {
    return false;
  }
}

test("output of a command is passed on in order", async () => {
  const { state, ended } = start("recipe = plone.recipe.command\ncommand = echo one; echo two >&2");
  expect(await ended).toBe(0);
  expect(state.out).toContain("x: Running 'echo one; echo two >&2'\none\n");
  expect(state.out).toContain("two\n");
});

describe("an interrupt", () => {
  test.each([
    ["SIGINT", 130],
    ["SIGTERM", 143],
  ] as const)("by %s ends the command with all that it has started", async (signal, status) => {
    // Neither of them heeds the signal.
    const command =
      "trap '' INT TERM; sleep 600 & echo $! > inner; echo $$ > outer.new; mv outer.new outer; wait";
    const { child, ended, file } = start(`recipe = plone.recipe.command\ncommand = ${command}`);
    await vi.waitFor(() => expect(existsSync(file("outer"))).toBe(true), 120_000);
    child.kill(signal);
    expect(await ended).toBe(status);
    for (const name of ["inner", "outer"]) {
      const pid = Number(readFileSync(file(name), "utf8"));
      await vi.waitFor(() => expect(isRunning(pid)).toBe(false), 120_000);
    }
  });
});
