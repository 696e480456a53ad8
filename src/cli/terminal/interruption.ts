import { endBySignal } from "./end-by-signal.ts";

/** Exit status after a signal, as shells count it: 128 and the signal's number. */
const STATUS = { SIGINT: 130, SIGTERM: 143 } as const;

type Signal = keyof typeof STATUS;

/**
 * What Ctrl-C does: the first ends whatever runs. Where several hosts run, it only lets no further one
 * begin, and the second ends those that run. Whatever has not ended then ends with the next.
 */
export class Interruption {
  readonly #stop = new AbortController();
  readonly #abort = new AbortController();
  #several: ((signal: Signal) => void) | undefined;
  /** The exit status of a run that was interrupted; undefined: it was not. */
  status: number | undefined;

  /** No further host begins. */
  get stop(): AbortSignal {
    return this.#stop.signal;
  }

  /** Everything ends. */
  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  /** From now on, the first signal is `told`, and lets no further host begin; undefined: no longer. */
  grace(told: ((signal: Signal) => void) | undefined): void {
    this.#several = told;
  }

  /** Ends everything, as Ctrl-C at a question does. */
  readonly now = (): void => {
    this.status ??= STATUS.SIGINT;
    this.#stop.abort();
    this.#abort.abort();
  };

  readonly #heard = (signal: Signal): void => {
    if (this.#abort.signal.aborted) endBySignal(signal);
    this.status = STATUS[signal];
    const told = this.#stop.signal.aborted ? undefined : this.#several;
    this.#stop.abort();
    if (told === undefined) this.#abort.abort();
    else told(signal);
  };

  listen(): () => void {
    process.on("SIGINT", this.#heard);
    process.on("SIGTERM", this.#heard);
    return () => {
      process.off("SIGINT", this.#heard);
      process.off("SIGTERM", this.#heard);
    };
  }
}
