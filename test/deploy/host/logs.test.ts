import { type ChildProcess, spawn } from "node:child_process";
import {
  appendFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import program from "../../../src/deploy/host/programs/logs.sh?raw";
import { shellProgram } from "../../../src/ssh/commands/shell-program.ts";
import { eventually } from "../../support/servers.ts";

let app: string;
let running: ChildProcess | undefined;

beforeEach(() => {
  app = join(mkdtempSync(join(tmpdir(), "hostout-logs-")), "it's $HOME; `false` *");
  mkdirSync(join(app, "var/log"), { recursive: true });
  log("web.log", "one\ntwo\nthree\n");
});

afterEach(() => {
  running?.kill("SIGKILL");
  rmSync(join(app, ".."), { recursive: true, force: true });
});

const log = (name: string, text: string) => appendFileSync(join(app, "var/log", name), text);

describe.each([["dash"], ["busybox", "sh"]])("in %s", (command, ...words) => {
  function start(...args: string[]) {
    const text = shellProgram(program, [app, ...args]);
    const child = spawn(command!, [...words, "-c", text], {
      env: { ...process.env, TMPDIR: join(app, "..") },
    });
    running = child;
    const said = { out: "", err: "" };
    child.stdout.on("data", (bytes: Buffer) => {
      said.out += bytes.toString("latin1");
    });
    child.stderr.on("data", (bytes: Buffer) => {
      said.err += bytes;
    });
    const ended = new Promise<number | null>((resolve) => child.once("close", resolve));
    return { child, said, ended };
  }

  async function show(...args: string[]) {
    const { child, said, ended } = start(...args);
    child.stdin.end();
    return { status: await ended, ...said };
  }

  test("the last lines of one file, or of several with their names", async () => {
    expect(await show("no", "2", "", "var/log/*.log")).toEqual({
      ...{ status: 0, out: "two\nthree\n", err: "" },
    });
    log("a b.log", "other\xff\0\n");
    const both = await show("no", "1", "", "var/log/*.log");
    expect([both.status, both.err]).toEqual([0, ""]);
    expect(both.out).toMatch(
      /^==> var\/log\/a b.log <==\nother.*\0\n\n==> var\/log\/web.log <==\nthree\n\n$/,
    );
  });

  test("lines that match, by a pattern that no shell touches", async () => {
    log("web.log", "it's $HOME; `x` -e\n\0binary three\n");
    const said = await show("no", "10", "^t|\\$HOME.*`|three$", "var/log/web.log");
    expect(said).toMatchObject({ status: 0, err: "" });
    expect(said.out.split("\n")).toEqual([
      "two",
      "three",
      "it's $HOME; `x` -e",
      "\0binary three",
      "",
    ]);
    expect(await show("no", "10", "none", "var/log/web.log")).toMatchObject({ status: 0, out: "" });
    expect(await show("no", "10", "(", "var/log/web.log")).toMatchObject({ status: 2 });
  });

  test("a missing file, or a path that is no file, is reported along with the others", async () => {
    const said = await show(
      "no",
      "1",
      "",
      "var/log/no*",
      "var/log",
      "var/log/web.log",
      "$(touch oops)",
    );
    expect(said).toMatchObject({ status: 1, out: "three\n" });
    expect(said.err).toContain("there is no var/log/no*\nvar/log is a directory\n");
    expect(readdirSync(app)).toEqual(["var"]);
  });

  test.each(["", "t|new"])(
    "follows a file that takes the place of another, matching '%s'",
    async (pattern) => {
      const { child, said, ended } = start("yes", "1", pattern, "var/log/*.log");
      await eventually(() => expect(said.out).toBe("three\n"));
      log("web.log", "then\n");
      await eventually(() => expect(said.out).toBe("three\nthen\n"));
      renameSync(join(app, "var/log/web.log"), join(app, "var/log/web.log.1"));
      writeFileSync(join(app, "var/log/web.log"), "new file\n");
      await eventually(() => expect(said.out).toBe("three\nthen\nnew file\n"));
      child.stdin.end();
      expect(await ended).toBe(0);
      expect(readdirSync(join(app, "..")).length).toBe(1);
    },
  );

  test("a signal ends it, too", async () => {
    const { child, said, ended } = start("yes", "1", "t", "var/log/*.log");
    await eventually(() => expect(said.out).toBe("three\n"));
    child.kill("SIGTERM");
    expect(await ended).toBe(1);
  });
});
