import type { Transfer } from "./progress-text.ts";

/** Milliseconds over which the rate is averaged. */
const MEASURED = 10_000;
/** Milliseconds between samples, and before there is a rate. */
const APART = 1000;

interface Sample {
  at: number;
  bytes: number;
}

/** A transfer with its recent rate. */
export class MeasuredTransfer implements Transfer {
  readonly name: string;
  readonly bytes: number;
  readonly total: number;
  readonly rate: number | undefined;
  readonly #samples: readonly Sample[];

  private constructor({ name, bytes, total }: Transfer, before: readonly Sample[], now: number) {
    this.name = name;
    this.bytes = bytes;
    this.total = total;
    const last = before.at(-1);
    const isNew = last === undefined || now - last.at >= APART;
    this.#samples = isNew ? [...before, { at: now, bytes }] : before;
    const first = this.#samples[0]!;
    const passed = now - first.at;
    this.rate = passed < APART ? undefined : ((bytes - first.bytes) / passed) * 1000;
  }

  /** Updates `transfer` at `now`, in milliseconds, from `before`, which may be another transfer. */
  static after(
    before: MeasuredTransfer | undefined,
    transfer: Transfer,
    now: number,
  ): MeasuredTransfer {
    const isSame = before?.name === transfer.name && before.bytes <= transfer.bytes;
    const recent = isSame ? before.#samples.filter(({ at }) => now - at <= MEASURED) : [];
    return new MeasuredTransfer(transfer, recent, now);
  }
}
