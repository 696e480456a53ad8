import { spawn } from "node:child_process";

/** Whether a command of the user's shell ends with status 0. Its output is nobody's. */
export function runShell(
  command: string,
  env: Readonly<Record<string, string | undefined>>,
): Promise<boolean> {
  return new Promise((resolve) => {
    const child = spawn(env.SHELL || "/bin/sh", ["-c", command], {
      env: { ...env },
      stdio: "ignore",
    });
    child.once("error", () => resolve(false)).once("exit", (code) => resolve(code === 0));
  });
}
