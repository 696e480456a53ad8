/** A counting semaphore with a first-come queue and a limit that can shrink. */
export class Slots {
  #limit: number;
  #active = 0;
  readonly #waiting: (() => void)[] = [];

  constructor(limit: number) {
    this.#limit = limit;
  }

  get active(): number {
    return this.#active;
  }

  /** Resolves to the function that gives the slot back; calling that twice does no harm. */
  async acquire(): Promise<() => void> {
    if (this.#active >= this.#limit) {
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    } else {
      this.#active++;
    }
    let held = true;
    return () => {
      if (!held) return;
      held = false;
      const next = this.#active <= this.#limit ? this.#waiting.shift() : undefined;
      // The slot goes to the next in the queue directly, so nobody can slip in between.
      if (next === undefined) this.#active--;
      else next();
    };
  }

  /** Lowers the limit to what is in use now; false when nothing is, so waiting would be in vain. */
  shrink(): boolean {
    if (this.#active === 0) return false;
    this.#limit = Math.max(1, Math.min(this.#limit, this.#active));
    return true;
  }
}
