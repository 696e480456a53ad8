import { BuildoutError } from "../../errors/error.ts";
import type { HeldLock } from "./lock.ts";
import type { HostFacts } from "./probe.ts";
import type { SetUp } from "./set-up.ts";

/** An attempt to acquire the lock, and the state of the host afterwards. */
export interface LockAttempt {
  /** Undefined if there is no writable directory yet. */
  lock: HeldLock | undefined;
  facts: HostFacts;
}

/** The lock of a buildout directory during one session: acquired once, released at its end. */
export class SessionLock {
  readonly #name: string;
  readonly #attempt: (setUp: SetUp | undefined) => Promise<LockAttempt>;
  #lock: Promise<HeldLock | undefined> | undefined;

  constructor(name: string, attempt: (setUp: SetUp | undefined) => Promise<LockAttempt>) {
    this.#name = name;
    this.#attempt = attempt;
  }

  /**
   * Acquires the lock if this session does not hold it. There is no lock before the directory and its user
   * exist: call again then, or with a `setUp`, which an attempt includes. `onFacts` receives the facts about the host
   * found by an attempt. Returns whether there is a lock.
   *
   * @throws BuildoutError `host-locked`, `lock-lost`, `flock-missing`, `lock-failed`
   */
  async take(onFacts: (facts: Promise<HostFacts>) => void, setUp?: SetUp): Promise<boolean> {
    if (this.#lock === undefined) {
      const taken = this.#attempt(setUp);
      this.#lock = taken.then(({ lock }) => lock);
      onFacts(taken.then(({ facts }) => facts));
    }
    const locking = this.#lock;
    try {
      const lock = await locking;
      if (lock?.isHeld === false) throw lockLost(this.#name);
      if (lock === undefined && this.#lock === locking) this.#lock = undefined;
      return lock !== undefined;
    } catch (error) {
      if (this.#lock === locking) this.#lock = undefined;
      throw error;
    }
  }

  /** Shows the current activity to those who find the host locked. */
  async note(what: string): Promise<void> {
    (await this.#lock)?.note(what);
  }

  /** Resolves when the host has freed the lock. */
  async release(): Promise<void> {
    const lock = await this.#lock?.catch(() => undefined);
    this.#lock = undefined;
    await lock?.release();
  }
}

function lockLost(name: string): BuildoutError {
  return new BuildoutError("lock-lost", `The lock of ${name} was lost during the command.`, {
    hint: "Somebody released it by force: find out why, then deploy again.",
  });
}
