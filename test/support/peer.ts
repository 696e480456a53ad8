import { execFileSync } from "node:child_process";

/** Milliseconds that a program takes from start to end on this machine now: the time to beat. */
export function timeOf(command: string, ...args: string[]): number {
  const start = performance.now();
  execFileSync(command, args, { stdio: "ignore" });
  return performance.now() - start;
}
