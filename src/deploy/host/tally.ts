import type { HostoutEvent } from "../../events/deployment.ts";
import type { Reporter } from "../../events/reporter.ts";

/** What a call has done on one host so far, from its events. */
export class Tally {
  readonly #start = performance.now();
  readonly #transfers = new Map<string, number>();
  #bytes = 0;
  #warnings = 0;

  /** Passes events on, and counts. */
  counting(report: Reporter<HostoutEvent>): Reporter<HostoutEvent> {
    return (event) => {
      if (event.type === "warning") this.#warnings++;
      if (event.type === "transfer") this.#transferred(event.name, event.sent ?? event.bytes);
      report(event);
    };
  }

  /** Seconds, rounded up. */
  total(): { seconds: number; bytes: number; warnings: number } {
    const seconds = Math.ceil((performance.now() - this.#start) / 1000);
    return { seconds, bytes: this.#bytes, warnings: this.#warnings };
  }

  /** `bytes` counts from the start of a transfer: a smaller value means a new transfer with that name. */
  #transferred(name: string, bytes: number): void {
    const former = this.#transfers.get(name) ?? 0;
    this.#bytes += bytes < former ? bytes : bytes - former;
    this.#transfers.set(name, bytes);
  }
}
