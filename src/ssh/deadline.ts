/** A time limit that is extended with each step, and paused while the user is being asked. */
export class Deadline {
  readonly #expire: (step: string, seconds: number) => void;
  #timer: NodeJS.Timeout | undefined;
  #step = "";
  #seconds = 0;
  #asking = 0;

  constructor(expire: (step: string, seconds: number) => void) {
    this.#expire = expire;
  }

  /** Starts a new step, which may take `seconds`. */
  start(step: string, seconds: number): void {
    this.#step = step;
    this.#seconds = seconds;
    this.#arm();
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#seconds = 0;
  }

  async paused<T>(question: Promise<T>): Promise<T> {
    this.#asking++;
    clearTimeout(this.#timer);
    try {
      return await question;
    } finally {
      this.#asking--;
      this.#arm();
    }
  }

  #arm() {
    clearTimeout(this.#timer);
    if (this.#seconds === 0 || this.#asking > 0) return;
    const [step, seconds] = [this.#step, this.#seconds];
    this.#timer = setTimeout(() => this.#expire(step, seconds), seconds * 1000);
  }
}
