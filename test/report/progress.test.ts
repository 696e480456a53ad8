import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { painter } from "../../src/report/color.ts";
import { textReporter } from "../../src/report/hostout.ts";
import { StatusLine } from "../../src/report/progress.ts";

const CLEAR = "\r\u001b[J";
let written: string;

beforeEach(() => {
  written = "";
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

function terminal(settings: { isTTY?: boolean; columns?: number; rows?: number } = {}) {
  const write = (text: string) => {
    written += text;
  };
  return { write, isTTY: true, columns: 60, ...settings };
}

/** The output since the last call. */
function news(): string {
  const text = written;
  written = "";
  return text;
}

test("a slow step is shown with its seconds, until there is output", () => {
  const line = new StatusLine(terminal());
  line.wait("web1", "bin/buildout -c a.cfg\nsecond line");
  vi.advanceTimersByTime(2900);
  expect(news()).toBe("");
  vi.advanceTimersByTime(1000);
  expect(news()).toBe(`${CLEAR}web1: bin/buildout -c a.cfg (3 s)\r`);
  line.clear();
  line.heard("web1");
  expect(news()).toBe(CLEAR);
  vi.advanceTimersByTime(2900);
  expect(news()).toBe("");
  line.close();
});

test("a line is never longer than the terminal", () => {
  const line = new StatusLine(terminal({ columns: 40 }));
  line.wait("web1", "x".repeat(50));
  vi.advanceTimersByTime(5000);
  const shown = news().split(CLEAR).at(-1)!;
  expect(shown).toMatch(/^web1: x+… \(5 s\)\r$/);
  expect(shown.trim()).toHaveLength(39);
  line.close();
});

test("an upload has its rate and the time left, of its last seconds", () => {
  const line = new StatusLine(terminal());
  const send = (bytes: number) =>
    line.transfer("web1", { name: "release 1d0de5a", bytes, total: 100e6 });
  send(0);
  expect(news()).toBe(`${CLEAR}release 1d0de5a 0% of 100 MB\r`);
  vi.advanceTimersByTime(2000);
  send(10e6);
  expect(news()).toBe(`${CLEAR}release 1d0de5a 10% of 100 MB, 5.0 MB/s, 18 s left\r`);
  vi.advanceTimersByTime(20_000);
  send(20e6);
  vi.advanceTimersByTime(2000);
  send(22e6);
  expect(news()).toContain(`${CLEAR}release 1d0de5a 22% of 100 MB, 1.0 MB/s, 1 min 18 s left\r`);
  vi.advanceTimersByTime(1000);
  send(100e6);
  expect(news()).toContain(`${CLEAR}release 1d0de5a 100% of 100 MB\r`);
  line.close();
});

describe("several hosts", () => {
  /** The lines of the last picture. */
  const picture = () => {
    const last = news().split(CLEAR).at(-1)!;
    const lines = last.replace(/(?:\u001b\[(\d+)A)?\r$/, "").split("\n");
    const up = /\u001b\[(\d+)A\r$/.exec(last)?.[1] ?? "0";
    // The cursor is at the beginning of the text to overwrite.
    expect(Number(up)).toBe(lines.length - 1);
    return lines;
  };

  test("have a line each, with their last output or their upload, below the output of all", () => {
    const line = new StatusLine(terminal(), 3);
    line.wait("web1", "bin/buildout");
    line.wait("database", "logging in");
    vi.advanceTimersByTime(400);
    expect(news()).toBe("");
    vi.advanceTimersByTime(1600);
    line.heard("web1", "Getting distribution for 'Plone'.");
    line.transfer("database", { name: "release 1d0de5a", bytes: 5, total: 10 });
    vi.advanceTimersByTime(1000);
    expect(picture()).toEqual([
      "0 of 3 hosts done, 2 running",
      "web1      Getting distribution for 'Plone'. (3 s)",
      "database  release 1d0de5a 50% of 10 B (3 s)",
    ]);
    line.ended("web1", true);
    line.ended("database", false);
    line.wait("web3", "bin/buildout");
    vi.advanceTimersByTime(1000);
    expect(picture()).toEqual([
      "1 of 3 hosts done, 1 failed, 1 running",
      "web3  bin/buildout (1 s)",
    ]);
    line.close();
    expect(news()).toBe(CLEAR);
    vi.advanceTimersByTime(5000);
    expect(news()).toBe("");
  });

  test("are hidden for output, and shown again", () => {
    const line = new StatusLine(terminal(), 2);
    line.wait("web1", "bin/buildout");
    vi.advanceTimersByTime(1000);
    news();
    line.clear();
    expect(news()).toBe(CLEAR);
    line.clear();
    expect(news()).toBe("");
    vi.advanceTimersByTime(200);
    expect(picture()).toContain("web1  bin/buildout (1 s)");
    line.close();
  });

  test("never have more than half of the terminal, in lines that fit", () => {
    const line = new StatusLine(terminal({ columns: 30, rows: 10 }), 60);
    for (let one = 1; one <= 32; one++) line.wait(`web${one}`, "bin/buildout -c production.cfg");
    vi.advanceTimersByTime(1000);
    expect(picture()).toEqual([
      "0 of 60 hosts done, 32 runni…",
      "web1  bin/buildout -c … (1 s)",
      "web2  bin/buildout -c … (1 s)",
      "web3  bin/buildout -c … (1 s)",
      "and 29 more",
    ]);
    line.close();
  });

  test("take the columns that they show, wide characters two", () => {
    const line = new StatusLine(terminal({ columns: 30 }), 2);
    line.wait("web1", "構築".repeat(20));
    vi.advanceTimersByTime(1000);
    expect(picture()[1]).toBe("web1  構築構築構築構築… (1 s)");
    line.close();
  });
});

test("nothing is written if there is no terminal, or while somebody else uses it", () => {
  const plain = new StatusLine(terminal({ isTTY: false }));
  plain.wait("web1", "x");
  plain.transfer("web1", { name: "a", bytes: 1, total: 2 });
  const line = new StatusLine(terminal());
  line.wait("web1", "x");
  const resume = line.pause();
  vi.advanceTimersByTime(10_000);
  expect(news()).toBe("");
  resume();
  vi.advanceTimersByTime(4000);
  expect(news()).toContain("web1: x (");
  line.close();
});

test("a deployment is followed, but for commands that may use the terminal themselves", () => {
  const silent = { write: () => {} };
  const status = new StatusLine(terminal());
  const report = textReporter({
    ...{ stdout: silent, stderr: silent, status, quiet: false, hosts: ["host1"] },
    usesTerminal: (_host, command) => command === "mine",
    paint: painter(false),
    paintErrors: painter(false),
  });
  const host = "web1";
  report({ type: "command", host, name: "deploy", source: "hostout" });
  report({ type: "command", host, name: "buildout", source: "hostout" });
  report({ type: "run", host, command: "bin/buildout", sudo: false });
  vi.advanceTimersByTime(4000);
  expect(news()).toContain("web1: bin/buildout (");
  report({ type: "result", host, name: "buildout", value: null });
  news();
  vi.advanceTimersByTime(4000);
  expect(news()).toContain("web1: deploy (");
  report({ type: "command", host, name: "mine", source: "fabfile.py" });
  report({ type: "run", host, command: "sleep", sudo: false });
  news();
  vi.advanceTimersByTime(10_000);
  expect(news()).toBe("");
  status.close();
});

test("each stream has its own colors", () => {
  const said = { stdout: "", stderr: "" };
  const stream = (name: keyof typeof said) => ({
    write(text: string) {
      said[name] += text;
    },
  });
  const report = textReporter({
    ...{ stdout: stream("stdout"), stderr: stream("stderr"), quiet: false, hosts: ["host1"] },
    status: new StatusLine(terminal({ isTTY: false })),
    usesTerminal: () => false,
    paint: painter(true),
    paintErrors: painter(false),
  });
  report({ type: "run", host: "a", command: "ls", sudo: false });
  report({ type: "warning", host: "a", text: "careful" });
  expect(said.stdout).toBe("[a] run: \u001b[2mls\u001b[22m\n");
  expect(said.stderr).toBe("Hostout: Warning: careful\n");
});

test("lines that arrive together are written together, before later output", async () => {
  const written: string[] = [];
  const stream = { write: (text: string) => void written.push(text) };
  const report = textReporter({
    ...{ stdout: stream, stderr: stream, quiet: false, hosts: ["a"] },
    status: new StatusLine(terminal({ isTTY: false })),
    usesTerminal: () => false,
    ...{ paint: painter(false), paintErrors: painter(false) },
  });
  const output = (line: string) => report({ type: "output", host: "a", stream: "out", line });
  for (const line of ["1", "2", "3"]) output(line);
  report({ type: "warning", host: "a", text: "careful" });
  output("4");
  await Promise.resolve();
  expect(written).toEqual([
    "[a] out: 1\n[a] out: 2\n[a] out: 3\n",
    "Hostout: Warning: careful\n",
    "[a] out: 4\n",
  ]);
});
