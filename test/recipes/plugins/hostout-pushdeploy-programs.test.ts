import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import missingPrograms from "../../../recipes/plugins/hostout-pushdeploy/missing-programs.sh?raw";
import notePushed from "../../../recipes/plugins/hostout-pushdeploy/note-pushed.sh?raw";
import platform from "../../../recipes/plugins/hostout-pushdeploy/platform.sh?raw";
import { shellCommand } from "../../../src/index.ts";

let scratch: string;
beforeEach(() => {
  scratch = mkdtempSync(join(tmpdir(), "hostout-pushdeploy-"));
});
afterEach(() => rmSync(scratch, { recursive: true, force: true }));

describe.each([["dash"], ["busybox sh"]])("in %s", (shell) => {
  const run = (text: string, args: string[] = []) =>
    spawnSync("sh", ["-c", shellCommand(text, args).replace("/bin/sh", shell)], {
      encoding: "utf8",
    });

  test("the platform is one line, followed by the content of the file", () => {
    const { stdout: alone } = run(platform);
    expect(alone).toMatch(/^Linux \S+( musl)?\n$/);
    const mark = join(scratch, "it's a $mark");
    expect(run(platform, [mark])).toMatchObject({ stdout: alone, stderr: "", status: 0 });
    writeFileSync(mark, "marked");
    expect(run(platform, [mark]).stdout).toBe(`${alone}marked`);
  });

  test("programs that cannot be run are listed", () => {
    const plain = join(scratch, "it's plain");
    writeFileSync(plain, "", { mode: 0o644 });
    const programs = ["/bin/sh", plain, "/absent/$HOME"];
    expect(run(missingPrograms, programs)).toMatchObject({
      stdout: `${plain}\n/absent/$HOME\n`,
      stderr: "",
      status: 0,
    });
  });

  test("the names are noted before and after a push, the release only after it", () => {
    const state = join(scratch, "it's/.hostout");
    const read = (name: string) => readFileSync(join(state, name), "utf8");
    mkdirSync(state, { recursive: true });
    for (const name of ["checkout", "checkout.next", "current"])
      writeFileSync(join(state, name), "x");
    expect(run(notePushed, [state, "", "a b", "gone"])).toMatchObject({ stderr: "", status: 0 });
    expect(read("pushed")).toBe("a b\ngone\n");
    for (const name of ["checkout", "checkout.next", "current", "pushes"]) {
      expect(existsSync(join(state, name)), name).toBe(false);
    }
    expect(run(notePushed, [state, "r1", "a b"])).toMatchObject({ stderr: "", status: 0 });
    expect(read("pushed")).toBe("a b\n");
    expect(read("pushes")).toMatch(/^\d{4}-\d\d-\d\dT\S+Z r1\n$/);
  });

  test("a note that cannot be written is a failure", () => {
    writeFileSync(join(scratch, "file"), "");
    const { status } = run(notePushed, [join(scratch, "file/.hostout"), "", "a"]);
    expect(status).toBeGreaterThan(0);
  });
});
