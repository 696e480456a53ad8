import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import killGroup from "../../../src/ssh/commands/programs/kill-group.sh?raw";
import runMarked from "../../../src/ssh/commands/programs/run-marked.sh?raw";
import unpack from "../../../src/ssh/commands/programs/upload-directory.sh?raw";
import { shellCommand, shellProgram, underSh } from "../../../src/ssh/commands/shell-program.ts";

const AWKWARD = ["it's", "$HOME", "", "a  b", "`id`", "*", "-n", "\\"];

let scratch: string;
beforeEach(() => {
  scratch = mkdtempSync(join(tmpdir(), "hostout-shell-program-"));
});
afterEach(() => rmSync(scratch, { recursive: true, force: true }));

/** Where login shells differ: quotes, `!`, backslashes, line ends, long words. */
const ODD = `it's "a\\\\b" \\n !x !! $HOME \`id\` %s \\c ${"long ".repeat(3000)} é\n  end`;

describe.each(["sh", "csh", "fish", "bash"])("in the login shell %s", (shell) => {
  const logIn = (command: string) =>
    spawnSync(shell, ["-c", command], { encoding: "utf8", input: "read" });

  test("a program of several lines is that of /bin/sh", () => {
    const program = `set -e\ncase $1 in a*) x=$(cat);; esac\ncat <<'END'\n$x\nEND\nprintf %s "$2" "$x"; exit 7`;
    const { stdout, stderr, status } = logIn(shellCommand(program, ["ab", ODD]));
    expect(stderr).toBe("");
    expect(stdout).toBe(`$x\n${ODD}read`);
    expect(status).toBe(7);
  });

  test("a short command stays readable", () => {
    expect(underSh("echo $0; exit 3")).toBe("/bin/sh -c 'echo $0; exit 3'");
    expect(logIn(underSh("echo a$((1 + 1)); exit 3"))).toMatchObject({ stdout: "a2\n", status: 3 });
    expect(logIn(underSh("printf %s 'hi!there'")).stdout).toBe("hi!there");
  });
});

describe.each([["dash"], ["busybox", "sh"]])("in %s", (shell, ...options) => {
  const sh = (program: string, input: string | Buffer = "") =>
    spawnSync(shell, [...options, "-c", program], { input, encoding: "utf8" });
  /** The program is read by this shell, too, as by a host's /bin/sh. */
  const run = (text: string, args: string[], input?: string | Buffer) =>
    sh(shellCommand(text, args).replace("/bin/sh", [shell, ...options].join(" ")), input);

  test("arguments are passed unchanged, in both forms", () => {
    const text = "# Prints them.\nfor a; do\n  printf '<%s>' \"$a\"\ndone\n";
    const expected = AWKWARD.map((word) => `<${word}>`).join("");
    expect(sh(shellProgram(text, AWKWARD)).stdout).toBe(expected);
    expect(run(text, AWKWARD).stdout).toBe(expected);
  });

  test("a command is one line, whose status counts after `cd FOLDER &&`", () => {
    const text = "set -e\nif true; then\n  # No more.\n  false\nelse\n  :\nfi\necho after\n";
    const command = shellCommand(text);
    expect(command).not.toContain("\n");
    expect(sh(`cd / && ${command} && echo then`)).toMatchObject({ stdout: "", status: 1 });
    expect(sh(`cd /absent && ${command}`).stderr).not.toContain("after");
  });

  describe("a directory", () => {
    let archive: Buffer;
    let part: string;
    let target: string;
    beforeEach(() => {
      mkdirSync(join(scratch, "source"));
      writeFileSync(join(scratch, "source/new"), "new");
      archive = spawnSync("tar", ["-cz", "-C", join(scratch, "source"), "."]).stdout;
      mkdirSync(join(scratch, "there"));
      part = join(scratch, "there/.it's a $(part)");
      target = join(scratch, "there/it's $HOME");
    });

    test("becomes the target", () => {
      expect(run(unpack, [part, target], archive)).toMatchObject({ stderr: "", status: 0 });
      expect(readFileSync(join(target, "new"), "utf8")).toBe("new");
      expect(readdirSync(join(scratch, "there"))).toEqual(["it's $HOME"]);
    });

    test("is put into an existing target", () => {
      mkdirSync(target);
      writeFileSync(join(target, "own"), "own");
      expect(run(unpack, [part, target], archive)).toMatchObject({ stderr: "", status: 0 });
      expect(readdirSync(target).sort()).toEqual(["new", "own"]);
      expect(readdirSync(join(scratch, "there"))).toEqual(["it's $HOME"]);
    });

    test("that does not arrive complete leaves nothing", () => {
      const { status } = run(unpack, [part, target], archive.subarray(0, archive.length / 2));
      expect(status).not.toBe(0);
      expect(readdirSync(join(scratch, "there"))).toEqual([]);
    });
  });

  test("a marked command follows its mark, and is read again", () => {
    const command = "echo \"$#\"\necho 'it''s' >&2; exit 3";
    const { stdout, stderr, status } = run(runMarked, ["n0nce", command]);
    expect(stderr).toMatch(/^\[%n0nce:[1-9]\d*\]its\n$/);
    expect({ stdout, status }).toEqual({ stdout: "0\n", status: 3 });
  });

  test("a command with an error of syntax has its mark, too", () => {
    const { stderr, status } = run(runMarked, ["n0nce", "if"]);
    expect(stderr).toMatch(/^\[%n0nce:\d+\].*syntax/i);
    expect(status).toBeGreaterThan(0);
  });

  test("a group that does not obey is ended", async () => {
    const stubborn = "trap '' TERM; echo ready; while :; do sleep 100; done";
    const group = spawn("/bin/sh", ["-c", stubborn], {
      detached: true,
      stdio: ["ignore", "pipe", "ignore"],
    });
    const exit = once(group, "exit");
    await once(group.stdout!, "data");
    run(killGroup, [String(group.pid)]);
    expect(await exit).toEqual([null, "SIGKILL"]);
  });
});
