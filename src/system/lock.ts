/** One run at a time changes a folder of eggs, whichever buildout it belongs to. */
import { randomUUID } from "node:crypto";
import {
  closeSync,
  linkSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeSync,
} from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";

const NAME = ".buildout-lock";
/** How often the holder of a lock shows that it is alive, and when it is held for dead elsewhere. */
const BEAT = 10_000;
const DEAD = 120_000;
const PAUSE = 100;

interface Holder {
  id: string;
  host: string;
  pid: number;
  /** Tells a process from a later one with the same number. */
  started: string;
}

/** When a process started, in the system's own count; empty where that cannot be told. */
function startOf(pid: number): string {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    return stat.slice(stat.lastIndexOf(")")).split(" ")[20] ?? "";
  } catch {
    return "";
  }
}

function isAlive({ pid, started }: Holder): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ESRCH") return false;
  }
  return started === "" || startOf(pid) === started;
}

function readHolder(file: string): Holder | undefined {
  try {
    return JSON.parse(readFileSync(file, "utf8")) as Holder;
  } catch {
    return undefined;
  }
}

function isStale(file: string): boolean {
  const age = Date.now() - (statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? Date.now());
  const holder = readHolder(file);
  // Nobody writes for longer than a moment.
  if (holder === undefined) return age > BEAT;
  return holder.host === hostname() ? !isAlive(holder) : age > DEAD;
}

/** Takes a dead holder's lock away; puts it back if another run was quicker and holds it now. */
function takeAway(file: string): void {
  const aside = `${file}-${randomUUID()}`;
  try {
    renameSync(file, aside);
    if (!isStale(aside)) linkSync(aside, file);
  } catch {
    // Somebody else took it away.
  }
  rmSync(aside, { force: true });
}

function tryToTake(file: string): string | undefined {
  const id = randomUUID();
  const holder: Holder = { id, host: hostname(), pid: process.pid, started: startOf(process.pid) };
  try {
    const handle = openSync(file, "wx");
    writeSync(handle, JSON.stringify(holder));
    closeSync(handle);
    return id;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return undefined;
    throw error;
  }
}

/** Folders that this process has locked, whichever run of it: the next one waits here. */
const queues = new Map<string, Promise<unknown>>();

/**
 * Runs `action` while no other run holds the lock of `folder`. `onWait` is called once, with the
 * number of the process that holds it, if it has to wait; `giveUp` again and again, and may throw.
 */
export async function withLock<T>(
  folder: string,
  onWait: (pid: number | undefined) => void,
  action: () => Promise<T>,
  giveUp?: (pid: number | undefined) => void,
): Promise<T> {
  const before = queues.get(folder) ?? Promise.resolve();
  const turn = before
    .catch(() => {})
    .then(() => locked(join(folder, NAME), onWait, action, giveUp));
  queues.set(folder, turn);
  try {
    return await turn;
  } finally {
    if (queues.get(folder) === turn) queues.delete(folder);
  }
}

async function locked<T>(
  file: string,
  onWait: (pid: number | undefined) => void,
  action: () => Promise<T>,
  giveUp: ((pid: number | undefined) => void) | undefined,
): Promise<T> {
  let waiting = false;
  let id = tryToTake(file);
  while (id === undefined) {
    if (isStale(file)) takeAway(file);
    else {
      if (!waiting) onWait(readHolder(file)?.pid);
      waiting = true;
      giveUp?.(readHolder(file)?.pid);
      await wait(PAUSE);
    }
    id = tryToTake(file);
  }
  const release = () => {
    if (readHolder(file)?.id === id) rmSync(file, { force: true });
  };
  const beat = setInterval(() => {
    try {
      utimesSync(file, new Date(), new Date());
    } catch {
      // It was taken away by hand.
    }
  }, BEAT);
  beat.unref();
  process.once("exit", release);
  try {
    return await action();
  } finally {
    clearInterval(beat);
    process.removeListener("exit", release);
    release();
  }
}
