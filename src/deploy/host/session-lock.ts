import { BuildoutError } from "../../errors/error.ts";
import type { HeldLock } from "./lock.ts";
import type { HostFacts } from "./probe.ts";

/** An attempt to take the lock, and what the host looks like after it. */
export interface LockAttempt {
  /** Undefined where there is no directory yet that the user may write. */
  lock: HeldLock | undefined;
  facts: HostFacts;
}

/** The lock of a buildout directory during one session: taken once, given back with its end. */
export class SessionLock {
  readonly #name: string;
  readonly #attempt: () => Promise<LockAttempt>;
  #lock: Promise<HeldLock | undefined> | undefined;

  constructor(name: string, attempt: () => Promise<LockAttempt>) {
    this.#name = name;
    this.#attempt = attempt;
  }

  /**
   * Takes the lock if this session does not have it. There is none to take before the directory and
   * its user are there: ask again then. `onFacts` gets what an attempt is going to find on the host.
   *
   * @throws BuildoutError `host-locked`, `lock-lost`, `flock-missing`, `lock-failed`
   */
  async take(onFacts: (facts: Promise<HostFacts>) => void): Promise<void> {
    if (this.#lock === undefined) {
      const taken = this.#attempt();
      this.#lock = taken.then(({ lock }) => lock);
      onFacts(taken.then(({ facts }) => facts));
    }
    const locking = this.#lock;
    try {
      const lock = await locking;
      if (lock?.isHeld === false) throw lockLost(this.#name);
      if (lock === undefined && this.#lock === locking) this.#lock = undefined;
    } catch (error) {
      if (this.#lock === locking) this.#lock = undefined;
      throw error;
    }
  }

  /** Tells those who find the host locked what is being done. */
  async note(what: string): Promise<void> {
    (await this.#lock)?.note(what);
  }

  /** Returns when the host has freed the lock. */
  async release(): Promise<void> {
    const lock = await this.#lock?.catch(() => undefined);
    this.#lock = undefined;
    await lock?.release();
  }
}

function lockLost(name: string): BuildoutError {
  return new BuildoutError("lock-lost", `The lock of ${name} was lost before the end.`, {
    hint: "Somebody has released it by force: ask, then deploy again.",
  });
}
