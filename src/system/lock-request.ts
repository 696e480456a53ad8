/** Common types of the two kinds of directory locks: directory-lock.ts and older-lock.ts. */

/** The holder of a lock, if it has identified itself. */
export interface LockHolder {
  pid: number;
  /** When it took the lock: ISO 8601; empty if unknown. */
  since: string;
}

export interface LockRequest {
  directory: string;
  /** Milliseconds after which to give up; default: never. */
  wait: number | undefined;
  /** Called once if another process holds the lock. */
  onWait(holder: LockHolder | undefined): void;
  /** The error for giving up. */
  givenUp(holder: LockHolder | undefined): Error;
}
