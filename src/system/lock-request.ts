/** What the two kinds of lock of a directory have in common: directory-lock.ts and older-lock.ts. */

/** Who holds a lock, as far as it has said so. */
export interface LockHolder {
  pid: number;
  /** When it took the lock: ISO 8601; empty where that is not known. */
  since: string;
}

export interface LockRequest {
  directory: string;
  /** Milliseconds after which to give up; without it there is no end. */
  wait: number | undefined;
  /** Called once where somebody else holds the lock. */
  onWait(holder: LockHolder | undefined): void;
  /** The error for giving up. */
  givenUp(holder: LockHolder | undefined): Error;
}
