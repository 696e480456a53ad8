/** Runs pip, uv and Python: with their children in a separate process group. */
import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { whenInterrupted } from "../../system/ending.ts";
import { killTree } from "../../system/process-tree.ts";

export interface ProgramRequest {
  command: readonly string[];
  cwd: string;
  /** Added to the environment; undefined removes a variable. */
  env?: Readonly<Record<string, string | undefined>>;
  /** Standard input; otherwise there is none. */
  input?: Readable;
  /** Called with each line of standard output and standard error as it arrives. */
  onLine?(line: string): void;
}

export interface ProgramResult {
  exitCode: number;
  stdout: string;
  /** stdout and stderr, in order of arrival. */
  all: string;
}

/** Variables that would misdirect our Python programs. */
const PYTHON_ENVIRONMENT = {
  PYTHONHOME: undefined,
  PYTHONUNBUFFERED: "1",
  PYTHONIOENCODING: "utf-8",
};

/**
 * Runs a program to its end, whatever its exit status. If this process ends first, such as by Ctrl-C, the
 * program and its children end, too.
 */
export function runProgram(request: ProgramRequest): Promise<ProgramResult> {
  const [program = "", ...args] = request.command;
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, {
      cwd: request.cwd,
      env: { ...process.env, ...PYTHON_ENVIRONMENT, ...request.env },
      stdio: [request.input === undefined ? "ignore" : "pipe", "pipe", "pipe"],
      detached: true,
    });
    // The program may end before it has read everything.
    child.stdin?.on("error", () => {});
    if (child.stdin !== null) request.input?.pipe(child.stdin);
    const kill = () => {
      if (child.pid !== undefined) killTree(child.pid);
      try {
        if (child.pid !== undefined) process.kill(-child.pid, "SIGKILL");
      } catch {
        // All of them have ended.
      }
    };
    // Before the listeners that remove its files.
    process.prependOnceListener("exit", kill);
    const forget = whenInterrupted(kill);
    const ended = () => {
      process.removeListener("exit", kill);
      forget();
    };
    const stdout: string[] = [];
    const all: string[] = [];
    createInterface({ input: child.stdout! }).on("line", (line) => {
      stdout.push(line);
      all.push(line);
      request.onLine?.(line);
    });
    createInterface({ input: child.stderr! }).on("line", (line) => {
      all.push(line);
      request.onLine?.(line);
    });
    child.once("error", (error) => {
      ended();
      reject(error);
    });
    child.once("close", (code) => {
      ended();
      resolve({ exitCode: code ?? -1, stdout: stdout.join("\n"), all: all.join("\n") });
    });
  });
}
