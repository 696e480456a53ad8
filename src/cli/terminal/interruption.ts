import { endBySignal } from "./end-by-signal.ts";

/** Exit status after a signal, as shells count it: 128 and the signal's number. */
const STATUS = { SIGINT: 130, SIGTERM: 143 } as const;

type Signal = keyof typeof STATUS;

/**
 * Handles Ctrl-C. The first ends whatever is running; with several hosts, it only stops further ones from
 * starting, and the second ends those that are running. Anything left ends with the next one.
 */
export class Interruption {
  readonly #stop = new AbortController();
  readonly #abort = new AbortController();
  #several: ((signal: Signal) => void) | undefined;
  /** The exit status of an interrupted run; undefined if it was not. */
  status: number | undefined;

  /** No more hosts start. */
  get stop(): AbortSignal {
    return this.#stop.signal;
  }

  /** Everything ends. */
  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  /** From now on, the first signal calls `told` and keeps further hosts from starting; undefined: no longer. */
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
