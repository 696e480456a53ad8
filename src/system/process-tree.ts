import { readFileSync } from "node:fs";

/** The processes that a process has started, and those that they have; Linux says it in /proc. */
function descendants(pid: number): number[] {
  try {
    const text = readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8");
    const children = text.split(" ").filter(Boolean).map(Number);
    return children.flatMap((child) => [child, ...descendants(child)]);
  } catch {
    return [];
  }
}

/** Ends a process and, where the system tells them, all that it has started, at once. */
export function killTree(pid: number): void {
  for (const each of [pid, ...descendants(pid)]) {
    try {
      process.kill(each, "SIGKILL");
    } catch {
      // It has ended already.
    }
  }
}
