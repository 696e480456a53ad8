import { statSync } from "node:fs";
import { BuildoutError } from "../../errors/error.ts";
import { repr } from "../../pythonic/text.ts";
import { aloneIn } from "../../system/directory-lock.ts";
import type { LockHolder } from "../../system/lock-request.ts";
import type { Buildout } from "./buildout.ts";

/** Set for a buildout run by a recipe, which would otherwise wait for itself: `DEVICE-INODE:PID`. */
const VARIABLE = "HOSTOUT_BUILDOUT_RUNNING";

function isWithin(directory: string): boolean {
  const [place, pid] = (process.env[VARIABLE] ?? "").split(":");
  if (place !== directory) return false;
  try {
    process.kill(Number(pid), 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

/** `2026-08-20 14:11:55`, local time. */
function timeOf(since: string): string {
  const date = new Date(since);
  const local = new Date(date.getTime() - date.getTimezoneOffset() * 60_000);
  return local.toISOString().slice(0, 19).replace("T", " ");
}

/** Who is running in a directory, without a period; `since` is empty if unknown. */
export function runningText(directory: string, holder: Partial<LockHolder>): string {
  const { pid, since = "" } = holder;
  const details = since === "" ? ` (pid ${pid})` : ` (pid ${pid}, since ${timeOf(since)})`;
  const shown = pid === undefined ? "" : details;
  return `Another buildout is running in ${repr(directory)}${shown}`;
}

/**
 * Runs `action` while no other buildout runs in the directory, since two would mistake each other's partial
 * parts for those of a killed run. Waits for at most `lockWait` milliseconds. Throws `buildout-running`.
 */
export async function alone<T>(buildout: Buildout, action: () => Promise<T>): Promise<T> {
  const { directory, report, request } = buildout;
  const { dev, ino } = statSync(directory);
  const place = `${dev}-${ino}`;
  if (isWithin(place)) return await action();
  const lock = {
    directory,
    wait: request.lockWait,
    onWait: (holder: LockHolder | undefined) =>
      report({ type: "buildout-running", directory, ...holder }),
    givenUp: (holder: LockHolder | undefined) =>
      new BuildoutError("buildout-running", `${runningText(directory, holder ?? {})}.`, {
        hint: "Wait until it ends, or wait longer with --lock-wait=SECONDS.",
      }),
  };
  return await aloneIn(lock, async () => {
    process.env[VARIABLE] = `${place}:${process.pid}`;
    try {
      return await action();
    } finally {
      delete process.env[VARIABLE];
    }
  });
}
