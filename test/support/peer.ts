import { execFileSync } from "node:child_process";

/** Milliseconds that a program takes from start to end, here and now: what to be quicker than. */
export function timeOf(command: string, ...args: string[]): number {
  const start = performance.now();
  execFileSync(command, args, { stdio: "ignore" });
  return performance.now() - start;
}
