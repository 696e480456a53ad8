/**
 * The lock of a directory without abstract sockets: a file. Both kinds of engine may meet in a directory,
 * so each acquires its own lock first and then looks for the other's. If both see each other, the holder of
 * the file releases it.
 */
import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { untilFree, withFileLock } from "./lock.ts";
import type { LockHolder, LockRequest } from "./lock-request.ts";

/** Milliseconds between checks of the system's list of sockets. */
const PAUSE = 100;
/** The state of a listening socket in that list. */
const LISTENS = "00010000";

const asHolder = (pid: number | undefined): LockHolder | undefined =>
  pid === undefined ? undefined : { pid, since: "" };

/** Reports the first process that a request waits for, and gives up after the request's time limit. */
function waitingFor({ wait, onWait, givenUp }: LockRequest) {
  const until = Date.now() + (wait ?? Number.POSITIVE_INFINITY);
  let told = false;
  return {
    begin(pid: number | undefined) {
      if (!told) onWait(asHolder(pid));
      told = true;
    },
    goOn(pid: number | undefined) {
      if (Date.now() >= until) throw givenUp(asHolder(pid));
    },
  };
}

/** The inode of the socket that listens under an abstract name. */
function listening(name: string): string | undefined {
  let list: string;
  try {
    list = readFileSync("/proc/net/unix", "utf8");
  } catch {
    // A system without such sockets, or one that does not list them.
    return undefined;
  }
  // Num RefCount Protocol Flags Type St Inode Path
  const fields = list.split("\n").map((line) => line.trim().split(/ +/));
  return fields.find((one) => one[3] === LISTENS && one[7] === `@${name}`)?.[6];
}

/** The process with an open socket, if visible to this user. */
function ownerOf(inode: string): number | undefined {
  const hasIt = (pid: string) => {
    try {
      const folder = `/proc/${pid}/fd`;
      return readdirSync(folder).some(
        (number) => readlinkSync(join(folder, number)) === `socket:[${inode}]`,
      );
    } catch {
      // It has ended, or is another user's.
      return false;
    }
  };
  const owner = readdirSync("/proc").find((entry) => /^\d+$/.test(entry) && hasIt(entry));
  return owner === undefined ? undefined : Number(owner);
}

/** Runs `action` while it holds `file` and no process has a socket with this abstract name. */
export async function aloneWithFile<T>(
  request: LockRequest,
  file: string,
  name: string,
  action: () => Promise<T>,
): Promise<T> {
  const { begin, goOn } = waitingFor(request);
  for (;;) {
    let owner: number | undefined;
    for (let inode = listening(name); inode !== undefined; inode = listening(name)) {
      owner ??= ownerOf(inode);
      begin(owner);
      goOn(owner);
      await pause(PAUSE);
    }
    const turn = async () =>
      listening(name) === undefined ? { value: await action() } : undefined;
    const done = await withFileLock(file, begin, turn, goOn);
    if (done !== undefined) return done.value;
  }
}

/** For the holder of the socket: waits until no process has the file. */
export async function untilNobodyHas(file: string, request: LockRequest): Promise<void> {
  const { begin, goOn } = waitingFor(request);
  await untilFree(file, begin, goOn);
}
