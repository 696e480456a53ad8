/** One run at a time does something, such as to change a folder of eggs: a file says which. */
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
  } catch (error) {
    // Somebody else took it away, or has it by now.
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

/** What to do while there is a lock: removes one whose holder is dead, else lets a moment pass. */
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

/** Waits until there is no such lock: `withFileLock` says what it calls. */
export async function untilFree(file: string, onWait: OnHolder, goOn: OnHolder): Promise<void> {
  const pass = passing(file, onWait, goOn);
  while (existsSync(file)) await pass();
}

/** Locks that this process has, whichever run of it: the next one waits here. */
const queues = new Map<string, Promise<unknown>>();

/**
 * Runs `action` while no other run holds the lock that is `file`. `onWait` is called once, with the
 * number of the process that holds it, if it has to wait; `goOn` again and again, and may throw.
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
      // It was taken away by hand.
    }
  }, BEAT);
  beat.unref();
  // Ten hosts hold ten locks; Node takes that many listeners for a leak.
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
