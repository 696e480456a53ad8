/** A lock file, so that only one run at a time does something, such as changing an eggs directory. */
import { randomUUID } from "node:crypto";
import {
  closeSync,
  existsSync,
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
/** How often the holder of a lock updates it, and when others consider it dead. */
const BEAT = 10_000;
const DEAD = 120_000;
const PAUSE = 100;

interface Holder {
  id: string;
  host: string;
  pid: number;
  /** Distinguishes a process from a later one with the same id. */
  started: string;
}

/** The start time of a process in system units; empty if unknown. */
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
  // Writing takes only a moment.
  if (holder === undefined) return age > BEAT;
  return holder.host === hostname() ? !isAlive(holder) : age > DEAD;
}

/** Removes a dead holder's lock; restores it if another run was faster and holds it now. */
function takeAway(file: string): void {
  const aside = `${file}-${randomUUID()}`;
  try {
    renameSync(file, aside);
    if (!isStale(aside)) linkSync(aside, file);
  } catch (error) {
    // Another process removed it or has acquired it.
    const { code = "" } = error as NodeJS.ErrnoException;
    if (!["ENOENT", "EEXIST"].includes(code)) throw error;
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

/** Receives the number of the process that holds a lock, if it is known. */
type OnHolder = (pid: number | undefined) => void;

/** One step of waiting: removes a lock whose holder is dead, or pauses. */
function passing(file: string, onWait: OnHolder, goOn: OnHolder | undefined): () => Promise<void> {
  let waiting = false;
  return async () => {
    if (isStale(file)) {
      takeAway(file);
      return;
    }
    const pid = readHolder(file)?.pid;
    if (!waiting) onWait(pid);
    waiting = true;
    goOn?.(pid);
    await wait(PAUSE);
  };
}

/** Waits until there is no such lock: see `withFileLock` for the callbacks. */
export async function untilFree(file: string, onWait: OnHolder, goOn: OnHolder): Promise<void> {
  const pass = passing(file, onWait, goOn);
  while (existsSync(file)) await pass();
}

/** Locks held by any run in this process: the next one waits here. */
const queues = new Map<string, Promise<unknown>>();

/**
 * Runs `action` while no other run holds the lock that is `file`. `onWait` is called once, with the number
 * of the process that holds it, if it must wait; `goOn` is called repeatedly and may throw.
 */
export async function withFileLock<T>(
  file: string,
  onWait: OnHolder,
  action: () => Promise<T>,
  goOn?: OnHolder,
): Promise<T> {
  const before = queues.get(file) ?? Promise.resolve();
  const turn = before.catch(() => {}).then(() => locked(file, onWait, action, goOn));
  queues.set(file, turn);
  try {
    return await turn;
  } finally {
    if (queues.get(file) === turn) queues.delete(file);
  }
}

/** Runs `action` while no other run holds the lock of `folder`. */
export function withLock<T>(
  folder: string,
  onWait: OnHolder,
  action: () => Promise<T>,
): Promise<T> {
  return withFileLock(join(folder, NAME), onWait, action);
}

async function locked<T>(
  file: string,
  onWait: OnHolder,
  action: () => Promise<T>,
  goOn: OnHolder | undefined,
): Promise<T> {
  const pass = passing(file, onWait, goOn);
  let id = tryToTake(file);
  while (id === undefined) {
    await pass();
    id = tryToTake(file);
  }
  const release = () => {
    if (readHolder(file)?.id === id) rmSync(file, { force: true });
  };
  const beat = setInterval(() => {
    try {
      utimesSync(file, new Date(), new Date());
    } catch {
      // It was removed by hand.
    }
  }, BEAT);
  beat.unref();
  // Many hosts hold many locks; Node would report that many listeners as a leak.
  process.setMaxListeners(process.getMaxListeners() + 1);
  process.once("exit", release);
  try {
    return await action();
  } finally {
    clearInterval(beat);
    process.removeListener("exit", release);
    process.setMaxListeners(process.getMaxListeners() - 1);
    release();
  }
}
