/** What other users can see of processes. */
import { readdirSync, readFileSync } from "node:fs";

/** Command lines and environments of all processes but this one that contain a text. */
export function processesThatShow(text: string): string[] {
  const pids = readdirSync("/proc").filter((name) => /^\d+$/.test(name));
  return pids
    .filter((pid) => Number(pid) !== process.pid)
    .flatMap((pid) => ["cmdline", "environ"].map((name) => `/proc/${pid}/${name}`))
    .flatMap((file) => {
      try {
        return [readFileSync(file, "utf8")];
      } catch {
        // It has ended.
        return [];
      }
    })
    .filter((shown) => shown.includes(text));
}
