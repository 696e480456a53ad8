/** A counting semaphore with a first-come queue and a limit that can shrink. */
export class Slots {
  #limit: number;
  #active = 0;
  readonly #waiting: (() => void)[] = [];
  readonly #onWait: () => void;

  /** `onWait` is called whenever somebody has to wait: for holders that could do without theirs. */
  constructor(limit: number, onWait: () => void) {
    this.#limit = limit;
    this.#onWait = onWait;
  }

  /** Whether somebody waits for a slot. */
  get wanted(): boolean {
    return this.#waiting.length > 0;
  }

  /** Whether more slots are taken than there are since the limit shrank. */
  get crowded(): boolean {
    return this.#active > this.#limit;
  }

  /** Resolves to the function that gives the slot back; calling that twice does no harm. */
  async acquire(): Promise<() => void> {
    if (this.#active >= this.#limit) {
      await new Promise<void>((resolve) => {
        this.#waiting.push(resolve);
        this.#onWait();
      });
    } else {
      this.#active++;
    }
    let held = true;
    return () => {
      if (!held) return;
      held = false;
      const next = this.crowded ? undefined : this.#waiting.shift();
      // The slot goes to the next in the queue directly, so nobody can slip in between.
      if (next === undefined) this.#active--;
      else next();
    };
  }

  /** Lowers the limit, to one at least. */
  shrink(limit: number): void {
    this.#limit = Math.max(1, Math.min(this.#limit, limit));
  }
}
