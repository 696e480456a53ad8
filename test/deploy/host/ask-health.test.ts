// In dash and BusyBox, with each tool that can request a URL. Long because all tests share the server.
import { execFileSync, spawn } from "node:child_process";
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import {
  answerText,
  evidenceText,
  healthInput,
  healthReader,
} from "../../../src/deploy/host/ask-health.ts";
import program from "../../../src/deploy/host/programs/health.sh?raw";
import type { HealthQuestion } from "../../../src/deploy/part/health-check.ts";
import { shellProgram } from "../../../src/ssh/commands/shell-program.ts";
import { eventually, freePort } from "../../support/servers.ts";

const BASE = "cat cut date grep head kill mktemp rm sed setsid sh sleep tail tr".split(" ");

let scratch: string;
let app: string;
let server: Server;
let port: number;
let answer: (request: IncomingMessage, response: ServerResponse) => void;

beforeAll(async () => {
  server = createServer((request, response) => answer(request, response));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  port = (server.address() as AddressInfo).port;
});

afterAll(() => {
  server.closeAllConnections();
  server.close();
});

beforeEach(() => {
  scratch = mkdtempSync(join(tmpdir(), "hostout-health-test-"));
  app = join(scratch, "it's $HOME; `false` * app");
  mkdirSync(join(app, "bin"), { recursive: true });
  mkdirSync(join(app, "var/log"), { recursive: true });
  mkdirSync(join(scratch, "tmp"));
});

afterEach(() => {
  // Every run has removed its files.
  expect(readdirSync(join(scratch, "tmp"))).toEqual([]);
  rmSync(scratch, { recursive: true, force: true });
});

const which = (name: string) =>
  execFileSync("sh", ["-c", `command -v ${name}`], { encoding: "utf8" }).trim();

/** A directory for PATH with the tools that every host has, and these, by name and place. */
function tools(shell: string, more: Record<string, string>): string {
  const folder = join(scratch, "tools");
  mkdirSync(folder);
  const own = (name: string) =>
    shell === "busybox" ? which("busybox") : which(name === "sh" ? "dash" : name);
  const all = { ...Object.fromEntries(BASE.map((name) => [name, own(name)])), ...more };
  for (const [name, place] of Object.entries(all)) symlinkSync(place, join(folder, name));
  return folder;
}

interface Numbers {
  interval?: number;
  timeout?: number;
  passes?: number;
  tries?: number;
  longest?: number;
  logs?: string[];
}

/** Starts the program; its input stays open until it has ended. */
function start(path: string, asks: HealthQuestion, numbers: Numbers = {}) {
  const { interval = 0, timeout = 20, passes = 3, tries = 0, longest = 10, logs = [] } = numbers;
  const args = [app, ...[interval, timeout, passes, tries, longest, 3].map(String), ...logs];
  const child = spawn(join(path, "sh"), ["-c", shellProgram(program, args)], {
    env: {
      PATH: path,
      HOME: scratch,
      TMPDIR: join(scratch, "tmp"),
      http_proxy: "http://127.0.0.1:1/",
    },
    detached: true,
  });
  child.stdin.on("error", () => {});
  child.stdin.write(healthInput(asks));
  const { health, push } = healthReader(() => {});
  let errors = "";
  child.stdout.on("data", (bytes: Buffer) => {
    push(bytes);
    if (health.seconds !== undefined || health.noTool) child.stdin.end();
  });
  child.stderr.on("data", (bytes: Buffer) => {
    errors += bytes;
  });
  const ended = new Promise<number | null>((resolve) => child.once("close", resolve));
  return {
    child,
    ended,
    async end() {
      expect([errors, await ended]).toEqual(["", 0]);
      return health;
    },
  };
}

const url = (path = "/") => ({ url: `http://127.0.0.1:${port}${path}`, authorization: "" });
const says = (status: number, body: string) => (_: IncomingMessage, response: ServerResponse) => {
  response.writeHead(status, status === 302 ? { location: "/else" } : {});
  response.end(body);
};

describe.each(["dash", "busybox"])("in %s", (shell) => {
  const asking = {
    curl: () => tools(shell, { curl: which("curl") }),
    "GNU wget": () => tools(shell, { wget: which("wget") }),
    node: () => tools(shell, { node: process.execPath }),
    "the engine's node": () => {
      writeFileSync(
        join(app, "bin/buildout"),
        `#!/bin/sh\nexec ${process.execPath} '/engine.cjs' "$@"\n`,
      );
      return tools(shell, {});
    },
    python3: () => {
      const python = execFileSync("python3", ["-c", "import sys; print(sys.executable)"], {
        encoding: "utf8",
      });
      return tools(shell, { python3: python.trim() });
    },
    "BusyBox's wget": () => tools(shell, { wget: which("busybox") }),
  };
  // BusyBox's shell prefers its own wget to another.
  const names = Object.keys(asking).filter((name) => shell !== "busybox" || name !== "GNU wget");

  describe.each(names)("with %s", (name) => {
    const path = () => asking[name as keyof typeof asking]();
    const ofBusyBox = name.startsWith("BusyBox");

    test("three good answers in a row pass", async () => {
      answer = says(200, "fine\nand more");
      const health = await start(path(), url()).end();
      expect(health).toMatchObject({ healthy: true, passes: 3, logs: [] });
      expect(health.answers).toEqual(Array(3).fill({ ok: true, status: 200, lines: ["fine"] }));
    });

    test("a redirection is good, an error is not, and its first line is kept", async () => {
      answer = (request, response) =>
        says(request.url === "/else" ? 200 : 302, "")(request, response);
      const tools = path();
      expect(await start(tools, url(), { passes: 1 }).end()).toMatchObject({ healthy: true });
      answer = says(500, "out of \u001b stock\nmore");
      const { healthy, answers } = await start(tools, url(), { tries: 1 }).end();
      const lines = ofBusyBox ? [] : ["out of ? stock"];
      expect([healthy, answers]).toEqual([false, [{ ok: false, status: 500, lines }]]);
    });

    test("nobody answers", async () => {
      const asks = { url: `http://127.0.0.1:${await freePort()}/`, authorization: "" };
      const { answers } = await start(path(), asks, { tries: 1 }).end();
      expect(answers).toEqual([
        { ok: false, lines: [expect.stringMatching(/refused|Failed to connect/i)] },
      ]);
    });

    test("a response that does not arrive or does not end is late", async () => {
      answer = () => {};
      const health = await start(path(), url(), { tries: 2, longest: 1 }).end();
      expect(health.answers).toEqual(Array(2).fill({ ok: false, late: true, lines: [] }));
    });

    test("the password of a URL is sent, and no list of processes shows it", async () => {
      const seen: unknown[] = [];
      answer = (request, response) => {
        const lines = readdirSync("/proc").flatMap((pid) => {
          try {
            return /^\d+$/.test(pid) ? [readFileSync(`/proc/${pid}/cmdline`, "latin1")] : [];
          } catch {
            return [];
          }
        });
        seen.push(
          request.headers.authorization,
          lines.filter((line) => line.includes("YW5uOnNlY3JldA")),
        );
        says(204, "")(request, response);
      };
      const asks = { ...url("/a?b=c&d='$x"), authorization: "Basic YW5uOnNlY3JldA==" };
      expect(await start(path(), asks, { passes: 1 }).end()).toMatchObject({ healthy: true });
      expect(seen).toEqual(["Basic YW5uOnNlY3JldA==", ofBusyBox ? [expect.anything()] : []]);
    });

    test("an endless body is an answer", async () => {
      answer = (_, response) => {
        response.writeHead(200);
        const more = () => {
          while (response.write("x".repeat(10_000)));
        };
        response.on("drain", more);
        more();
      };
      const { answers } = await start(path(), url(), { tries: 1, passes: 1, longest: 2 }).end();
      const one = { ok: true, status: 200, lines: ["x".repeat(300)] };
      expect(answers).toEqual([ofBusyBox ? expect.anything() : one]);
    });
  });

  test("a host without a program for requests is reported", async () => {
    // BusyBox's shell has a wget of its own.
    if (shell === "busybox") return;
    expect(await start(tools(shell, {}), url()).end()).toMatchObject({ noTool: true });
  });

  test("an application that is up only at times is never healthy, and the time is limited", async () => {
    let asked = 0;
    answer = (request, response) => says(++asked % 3 === 0 ? 503 : 200, "")(request, response);
    const begun = performance.now();
    const { healthy, seconds, answers } = await start(asking.curl(), url(), { timeout: 3 }).end();
    expect(healthy).toBe(false);
    expect(seconds).toBeLessThanOrEqual(4);
    expect(performance.now() - begun).toBeLessThan(60_000);
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200, 503]));
  });

  test("it becomes healthy while it is waited for", async () => {
    let asked = 0;
    answer = (request, response) => says(++asked < 4 ? 503 : 200, "")(request, response);
    const health = await start(asking.curl(), url()).end();
    expect([health.healthy, asked]).toEqual([true, 6]);
  });

  describe("a command", () => {
    const path = () => tools(shell, {});

    test("passes with status 0, and runs in the directory", async () => {
      const command = `[ "$PWD" = "${app.replace(/[`$]/g, "\\$&")}" ]\n# it's a comment`;
      expect(await start(path(), { command }).end()).toMatchObject({ healthy: true, passes: 3 });
    });

    test("that fails has its status and last lines, and the ends of the logs", async () => {
      const log = "one\ntwo\nthree\nfo\u0000ur\n";
      writeFileSync(join(app, "var/log/a b.log"), log);
      writeFileSync(join(app, "var/log/no.txt"), log);
      const command = "echo to error >&2; printf 'a\\033b\\377 \\303\\244\\n'; exit 7";
      const logs = ["var/log/*.log", "var/log/$(touch oops)", "none/*"];
      const health = await start(path(), { command }, { tries: 2, logs }).end();
      const one = { ok: false, exit: 7, lines: ["to error", "a?b\ufffd ä"] };
      expect(health.answers).toEqual([one, one]);
      expect(health.logs).toEqual([{ path: "var/log/a b.log", lines: ["two", "three", "fo?ur"] }]);
      expect(readdirSync(app).sort()).toEqual(["bin", "var"]);
    });

    test("that hangs, or prints without end, is ended with all that it has started", async () => {
      const command = `${NOTE}; sleep 600 & sleep 600 | yes > /dev/null`;
      const health = await start(path(), { command }, { timeout: 2 }).end();
      expect(health.answers).toEqual([{ ok: false, late: true, lines: [] }]);
      await eventually(() => expect(left()).toEqual([]));
    });

    test("that leaves something running does not keep it", async () => {
      const command = `${NOTE}; sleep 600 > /dev/null 2>&1 & exit 0`;
      expect(await start(path(), { command }, { passes: 1 }).end()).toMatchObject({
        healthy: true,
      });
      await eventually(() => expect(left()).toEqual([]));
    });

    test("ends with the input, which is the connection", async () => {
      const { child, ended } = start(path(), { command: `${NOTE}; sleep 600` }, { timeout: 500 });
      await eventually(() => expect(left()).not.toEqual([]));
      child.stdin.end();
      expect(await ended).toBe(1);
      await eventually(() => expect(left()).toEqual([]));
    });
  });
});

/** Notes the session that a command runs in. */
const NOTE = "cut -d ' ' -f 6 /proc/$$/stat > session";

/** The processes that are still there of that session. */
function left(): string[] {
  const session = readFileSync(join(app, "session"), "utf8").trim();
  expect(session).toMatch(/^\d+$/);
  return readdirSync("/proc").filter((one) => {
    try {
      const stat = readFileSync(`/proc/${one}/stat`, "latin1");
      const [state, , , of] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
      return state !== "Z" && of === session;
    } catch {
      return false;
    }
  });
}

test("responses are described in words, equal ones only once", () => {
  const fine = { ok: true, status: 200, lines: ["fine"] };
  expect(answerText({ ok: false, late: true, lines: [] })).toBe("no answer within 10 s");
  expect(answerText({ ok: false, lines: ["refused"] })).toBe("no answer: refused");
  const answers = [fine, fine, { ok: false, exit: 3, lines: ["one", "two"] }];
  const logs = [{ path: "var/log/a.log", lines: ["last"] }];
  expect(evidenceText({ answers, logs })).toBe(
    "The last answers:\n  2 times HTTP 200: fine\n  exit status 3\n    one\n    two\nvar/log/a.log:\n  last",
  );
});

test("lines that are not the program's are ignored", () => {
  const { health, push } = healthReader(() => {});
  push(Buffer.from("Welcome!\ntry x http 200\ntry 1 http 99999\nline lost\nend well 3\n"));
  expect(health).toMatchObject({ seconds: undefined, answers: [], logs: [] });
});
