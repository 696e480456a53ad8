import { createHash, randomBytes } from "node:crypto";
import { hostname, userInfo } from "node:os";
import { posix } from "node:path";

/**
 * Names of unfinished uploads. Each upload has its own, so two never write to the same file; the name
 * identifies the writer, so that a later upload can find abandoned ones.
 */
const NAME = /^\..+\.([0-9a-f]{8})-([0-9a-z]+)-([0-9a-z]+)\.hostout-part$/;
/** Seconds without a write after which another machine's upload counts as abandoned. */
const STALE_AFTER = 15 * 60;

/** The unfinished uploads of this process, on all connections. */
const running = new Set<string>();

/** A name next to `path` for its unfinished upload; call `finished` for it at the end. */
export function partName(path: string): string {
  const { dir, base } = posix.parse(path);
  const token = `${machineId()}-${process.pid.toString(36)}-${randomBytes(6).toString("hex")}`;
  // File names are limited to 255 bytes, and a character can take four.
  const start = Buffer.from(base)
    .subarray(0, 180)
    .toString()
    .replace(/\uFFFD+$/, "");
  const name = `.${start}.${token}.hostout-part`;
  running.add(token);
  return dir === "" ? name : posix.join(dir, name);
}

export function finished(part: string): void {
  running.delete(tokenOf(posix.basename(part)));
}

/**
 * The abandoned uploads among a directory's files: of this process but not running, of an ended process on
 * this machine, or without a recent write. Times are the host's, in seconds.
 */
export function abandoned(files: { name: string; mtime: number }[], now: number): string[] {
  return files.filter(({ name, mtime }) => isAbandoned(name, mtime, now)).map(({ name }) => name);
}

function isAbandoned(name: string, mtime: number, now: number): boolean {
  const match = NAME.exec(name);
  if (match === null) return false;
  if (now - mtime > STALE_AFTER) return true;
  if (match[1] !== machineId()) return false;
  const pid = Number.parseInt(match[2]!, 36);
  return pid === process.pid ? !running.has(tokenOf(name)) : !isAlive(pid);
}

function tokenOf(name: string): string {
  return NAME.exec(name)?.slice(1).join("-") ?? "";
}

function machineId(): string {
  const text = `${hostname()} ${userInfo().username}`;
  return createHash("sha256").update(text).digest("hex").slice(0, 8);
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
