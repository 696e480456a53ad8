import { type ChildProcess, spawn } from "node:child_process";

export interface Outcome {
  status: number | null;
  stdout: string;
  stderr: string;
}

/** A process whose end and output can be waited for. */
export interface Running {
  child: ChildProcess;
  outcome: Promise<Outcome>;
  /** Resolves when stdout contains `text`; rejects if the process ends without it. */
  said(text: string): Promise<void>;
  /** The same of stderr. */
  warned(text: string): Promise<void>;
}

/** Starts a program without input. */
export function start(
  program: string,
  args: readonly string[],
  options: { cwd: string; env: Record<string, string | undefined> },
): Running {
  const child = spawn(program, args, { ...options, stdio: ["ignore", "pipe", "pipe"] });
  const output = { stdout: "", stderr: "" };
  let changed = () => {};
  for (const name of ["stdout", "stderr"] as const) {
    child[name].setEncoding("utf8").on("data", (text: string) => {
      output[name] += text;
      changed();
    });
  }
  const outcome = new Promise<Outcome>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (status) => {
      resolve({ status, ...output });
      changed();
    });
  });
  const waitFor = (name: keyof typeof output, text: string) =>
    new Promise<void>((resolve, reject) => {
      const check = () => {
        if (output[name].includes(text)) resolve();
        else if (child.exitCode !== null)
          reject(new Error(`ended without '${text}': ${output.stdout}${output.stderr}`));
      };
      changed = check;
      check();
    });
  return {
    child,
    outcome,
    said: (text) => waitFor("stdout", text),
    warned: (text) => waitFor("stderr", text),
  };
}
