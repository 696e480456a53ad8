import { expect, onTestFinished, test } from "vitest";
import { endingWith } from "../../src/system/ending.ts";
import { runProcess } from "../../src/system/process.ts";

const sh = (program: string, ...args: string[]) =>
  runProcess({ command: "sh", args: ["-c", program, "sh", ...args], cwd: "/" });

test("returns the status and the output, without the line break at the end", async () => {
  const { all, ...result } = await sh("echo café; echo error >&2; printf 'end\\n\\n'; exit 3");
  expect(result).toEqual({ exitCode: 3, signal: undefined, stdout: "café\nend\n" });
  expect(all.split("\n").filter(Boolean).sort()).toEqual(["café", "end", "error"]);
});

test("returns the signal that ended the program", async () => {
  expect(await sh("kill -TERM $$")).toMatchObject({ exitCode: undefined, signal: "SIGTERM" });
});

test("rejects if the program is not there", async () => {
  const request = { command: "no-such-program", args: [], cwd: "/" };
  await expect(runProcess(request)).rejects.toMatchObject({ code: "ENOENT" });
});

test("passes output on as it arrives, in whole characters", async () => {
  const texts: string[] = [];
  // More than a pipe holds; each character has two bytes, and the first one begins at an odd place.
  const program = "seq -s é 100000 | sed s/^1/x/ | tr -d '0-9\\n'";
  await runProcess({
    ...{ command: "sh", args: ["-c", program], cwd: "/" },
    onOutput: (text) => texts.push(text),
  });
  expect(texts.length).toBeGreaterThan(1);
  expect(texts.join("")).toBe(`x${"é".repeat(99_999)}`);
});

test("uses the directory, the variables and the programs of the request", async () => {
  process.env.GIT_DIR = "/elsewhere";
  onTestFinished(() => {
    delete process.env.GIT_DIR;
  });
  const { stdout } = await runProcess({
    command: "sh",
    args: ["-c", 'echo "$PWD $LC_ALL $OWN $GIT_DIR"; echo "$PATH"'],
    cwd: "/usr",
    env: { OWN: "x" },
    pathFirst: "/first",
  });
  expect(stdout).toBe(`/usr C x \n/first:${process.env.PATH}`);
});

test("ends with the run that started it, and its children, too", async () => {
  const interruption = new AbortController();
  const request = {
    // The output ends with the last process that has it.
    ...{ command: "sh", args: ["-c", "sleep 1000 & echo started; wait"], cwd: "/" },
    onOutput: () => interruption.abort(),
  };
  const result = await endingWith(interruption.signal, () => runProcess(request));
  expect(result).toMatchObject({ exitCode: undefined, signal: "SIGKILL", stdout: "started" });
});
