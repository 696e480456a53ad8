import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { painter } from "../../src/report/colour.ts";
import { textReporter } from "../../src/report/hostout.ts";
import { StatusLine } from "../../src/report/progress.ts";

const CLEAR = "\r\u001b[K";
let written: string;

beforeEach(() => {
  written = "";
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

function terminal(settings: { isTTY?: boolean; columns?: number } = {}) {
  const write = (text: string) => {
    written += text;
  };
  return { write, isTTY: true, columns: 60, ...settings };
}

/** What was written since the last look. */
function news(): string {
  const text = written;
  written = "";
  return text;
}

test("what takes long is shown with its seconds, and goes when something is heard", () => {
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

test("several hosts share the line, which is never longer than the terminal", () => {
  const line = new StatusLine(terminal({ columns: 40 }));
  for (const host of ["web1", "web2"]) line.wait(host, "x".repeat(50));
  vi.advanceTimersByTime(4000);
  expect(news()).toContain("Waiting for web1, web2 (");
  line.done("web2");
  vi.advanceTimersByTime(1000);
  const shown = news().slice(CLEAR.length);
  expect(shown).toMatch(/^web1: x+… \(5 s\)\r$/);
  expect(shown.trim()).toHaveLength(39);
  line.close();
});

test("nothing is written where there is no terminal, or while somebody else uses it", () => {
  const plain = new StatusLine(terminal({ isTTY: false }));
  plain.wait("web1", "x");
  plain.transfer({ name: "a", bytes: 1, total: 2 });
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
