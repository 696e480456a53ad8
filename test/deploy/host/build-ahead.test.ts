// What programs/build.sh does with a build that starts early, in two shells.
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { buildScript, NOT_TOLD, WORD } from "../../../src/deploy/host/release-state.ts";
import { eventually } from "../../support/servers.ts";

let path: string;

beforeEach(() => {
  path = mkdtempSync(join(tmpdir(), "hostout-ahead-"));
  for (const name of [".hostout/releases/2", "bin", "var"]) {
    mkdirSync(join(path, name), { recursive: true });
  }
  write(".hostout/settled", "");
  write(".hostout/working", "what=receiving release 2\npid=1\n");
  write(".hostout/attempt", "2 0\n");
  // Does what src/cli/start/word.ts does.
  write(
    "bin/buildout",
    `#!/bin/sh
if [ -n "$HOSTOUT_WORD_FDS" ]; then
  echo $$ > var/started
  IFS= read -r word <&3 && [ "$word" = build ] || exit 0
  echo "pid=$$" >&8
fi
cat <&4 >> var/secrets
echo "$@" >> var/built
exit $(cat var/status)
`,
  );
  chmodSync(join(path, "bin/buildout"), 0o755);
  write("var/status", "0");
});

afterEach(() => rmSync(path, { recursive: true }));

const write = (name: string, text: string) => writeFileSync(join(path, name), text);
const read = (name: string) => readFileSync(join(path, name), "utf8");
const has = (name: string) => existsSync(join(path, name));
const isFree = () =>
  spawnSync("flock", ["-n", join(path, ".hostout/working"), "true"]).status === 0;

describe.each([["dash"], ["bash"], ["busybox", "sh"]])("in %s", (shell, ...words) => {
  /** The program once bin/buildout waits. */
  async function started(): Promise<{ program: ChildProcess; engine: number }> {
    const release = { number: 2, id: "00000000000b", configuration: "h-2.cfg" };
    const ending = { shared: false, removed: [], done: "{}", failed: '{"failed":true}' };
    const text = buildScript(path, release, [], ending, "ahead");
    const program = spawn(shell, [...words, "-c", text], { stdio: ["pipe", "ignore", "ignore"] });
    const engine = await eventually(() => {
      const pid = Number(read("var/started"));
      expect(pid).toBeGreaterThan(0);
      return pid;
    });
    return { program, engine };
  }

  async function end(program: ChildProcess, input: string): Promise<number | null> {
    const ended = once(program, "exit");
    program.stdin!.end(input);
    const [status] = await ended;
    return status;
  }

  function expectUntouched(): void {
    expect(has(".hostout/settled")).toBe(true);
    expect(read(".hostout/working")).toBe("what=receiving release 2\npid=1\n");
    expect(has("var/built")).toBe(false);
    expect(has(".hostout/releases.jsonl")).toBe(false);
    expect(isFree()).toBe(true);
  }

  test("the word lets it build, with the secrets", async () => {
    const { program, engine } = await started();
    expectUntouched();
    expect(await end(program, `${WORD}\nsecret\nmore\n`)).toBe(0);
    expect(read("var/secrets")).toBe("secret\nmore\n");
    expect(read("var/built")).toBe("-c h-2.cfg\n");
    expect(read(".hostout/current")).toBe("2 00000000000b\n");
    expect(has(".hostout/settled")).toBe(false);
    expect(read(".hostout/working")).toMatch(
      new RegExp(
        `^what=a build of release 00000000000b\nsince=\\S+\npid=${program.pid}\npid=${engine}\n$`,
      ),
    );
    expect(isFree()).toBe(true);
  });

  test("it fails like any other", async () => {
    write("var/status", "7");
    const { program } = await started();
    expect(await end(program, `${WORD}\n`)).toBe(7);
    expect(read(".hostout/releases.jsonl")).toContain("failed");
    expect(has(".hostout/current")).toBe(false);
    expect(isFree()).toBe(true);
  });

  test.each(["", "bui", "other\n"])("without it, after %j, nothing is done", async (input) => {
    const { program } = await started();
    expect(await end(program, input)).toBe(NOT_TOLD);
    expectUntouched();
  });

  test("an engine that has ended before the word is started again", async () => {
    const { program, engine } = await started();
    process.kill(engine, "SIGKILL");
    expectUntouched();
    expect(await end(program, `${WORD}\nsecret\n`)).toBe(0);
    expect([read("var/secrets"), read("var/built")]).toEqual(["secret\n", "-c h-2.cfg\n"]);
    expect(read(".hostout/current")).toBe("2 00000000000b\n");
  });

  test("an engine that has ended, and no word: nothing is done", async () => {
    const { program, engine } = await started();
    process.kill(engine, "SIGKILL");
    expect(await end(program, "")).toBe(NOT_TOLD);
    expectUntouched();
  });
});
