/** Runs pip, uv and Python: with their children in a process group of its own. */
import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { whenInterrupted } from "../../system/ending.ts";
import { killTree } from "../../system/process-tree.ts";

export interface ProgramRequest {
  command: readonly string[];
  cwd: string;
  /** Added to the environment; undefined takes a variable away. */
  env?: Readonly<Record<string, string | undefined>>;
  /** Called with each line of standard output and of standard error as it comes. */
  onLine?(line: string): void;
}

export interface ProgramResult {
  exitCode: number;
  stdout: string;
  /** stdout and stderr, in the order in which they came. */
  all: string;
}

/** What would lead a Python program of ours elsewhere than where it shall work. */
const PYTHON_ENVIRONMENT = {
  PYTHONHOME: undefined,
  PYTHONUNBUFFERED: "1",
  PYTHONIOENCODING: "utf-8",
};

/**
 * Runs a program to its end, whatever its exit status. When this process ends before, by Ctrl-C
 * for instance, the program ends with everything that it started.
 */
export function runProgram(request: ProgramRequest): Promise<ProgramResult> {
  const [program = "", ...args] = request.command;
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, {
      cwd: request.cwd,
      env: { ...process.env, ...PYTHON_ENVIRONMENT, ...request.env },
      stdio: ["ignore", "pipe", "pipe"],
      detached: true,
    });
    const kill = () => {
      if (child.pid !== undefined) killTree(child.pid);
      try {
        if (child.pid !== undefined) process.kill(-child.pid, "SIGKILL");
      } catch {
        // All of them have ended.
      }
    };
    // Before those who remove what it writes.
    process.prependOnceListener("exit", kill);
    const forget = whenInterrupted(kill);
    const ended = () => {
      process.removeListener("exit", kill);
      forget();
    };
    const stdout: string[] = [];
    const all: string[] = [];
    createInterface({ input: child.stdout }).on("line", (line) => {
      stdout.push(line);
      all.push(line);
      request.onLine?.(line);
    });
    createInterface({ input: child.stderr }).on("line", (line) => {
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
