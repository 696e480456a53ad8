/**
 * The process of a worker: a module of its own with nothing but the first program in it, so that Python can start
 * before the rest of the bridge is loaded.
 */
import { type ChildProcess, type StdioOptions, spawn } from "node:child_process";
import bootstrap from "python:bootstrap";
import { killTree } from "../system/process-tree.ts";
import { SharedEnvironment } from "./environment.ts";

/**
 * Where standard output goes: to ours or to our standard error. A function receives it line by line, and standard
 * input is then empty.
 */
export type WorkerOutput = "stdout" | "stderr" | ((stream: "out" | "err", line: string) => void);

/** How a process ended. */
type Ending =
  | { error: NodeJS.ErrnoException }
  | { code: number | null; signal: NodeJS.Signals | null };

/** An interpreter that waits for its modules, and what it got from this process. */
export interface InterpreterProcess {
  child: ChildProcess;
  ended: Promise<Ending>;
  environment: SharedEnvironment;
  umask: number;
  /** Kills it with everything that it has started. */
  kill(): void;
  /** Stops listening to the signal: the process has ended. */
  forget(): void;
}

export interface InterpreterRequest {
  /** Path of the interpreter. */
  executable: string;
  /** The working directory. */
  directory: string;
  /** The default is standard output. */
  output?: WorkerOutput;
  /** Aborted when the user interrupts: the process ends at once. */
  signal?: AbortSignal | undefined;
}

const [, text] = bootstrap.bootstrap!;

/** Starts an interpreter; one that cannot start has ended with an error. */
export function startInterpreter({
  executable,
  directory,
  output = "stdout",
  signal,
}: InterpreterRequest): InterpreterProcess {
  const streams: StdioOptions =
    typeof output === "function"
      ? ["ignore", "pipe", "pipe"]
      : ["inherit", output === "stderr" ? 2 : "inherit", "inherit"];
  const child = spawn(executable, ["-u", "-c", text], {
    cwd: directory,
    stdio: [...streams, "pipe", "pipe"],
  });
  child.stdio[3]?.on("error", () => {}); // `ended` reports what happened
  const ended = new Promise<Ending>((resolve) => {
    child.once("error", (error) => resolve({ error }));
    child.once("exit", (code, by) => resolve({ code, signal: by }));
  });
  const kill = () => {
    if (child.pid !== undefined) killTree(child.pid);
  };
  signal?.addEventListener("abort", kill, { once: true });
  const forget = () => signal?.removeEventListener("abort", kill);
  const environment = new SharedEnvironment();
  return { child, ended, environment, umask: process.umask(), kill, forget };
}
