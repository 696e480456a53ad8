import type { KeptOutput } from "./kept-output.ts";

/**
 * Removes marks of the form `[%NONCE:text]` from a stream of text, even if split, and passes on the rest as
 * it arrives. Calls `onMark` with the text of each mark.
 */
export class MarkFilter {
  readonly #start: string;
  readonly #onMark: (text: string) => void;
  readonly #onText: ((text: string) => void) | undefined;
  readonly #kept: KeptOutput;
  #held = "";
  #active = true;

  constructor(
    nonce: string,
    onMark: (text: string) => void,
    onText: ((text: string) => void) | undefined,
    kept: KeptOutput,
  ) {
    this.#start = `[%${nonce}:`;
    this.#onMark = onMark;
    this.#onText = onText;
    this.#kept = kept;
  }

  add(chunk: string): void {
    this.#held += chunk;
    while (this.#active) {
      const at = this.#held.indexOf(this.#start);
      this.#pass(at < 0 ? this.#held.length - this.#partOfStart() : at);
      const end = at < 0 ? -1 : this.#held.indexOf("]");
      if (end < 0) return;
      const mark = this.#held.slice(this.#start.length, end);
      this.#held = this.#held.slice(end + 1);
      this.#onMark(mark);
    }
    this.#pass(this.#held.length);
  }

  /** From now on, everything is text. */
  stop(): void {
    this.#active = false;
  }

  /** The text kept so far. */
  end(): string {
    this.#pass(this.#held.length);
    return this.#kept.text();
  }

  #pass(length: number) {
    if (length === 0) return;
    const text = this.#held.slice(0, length);
    this.#held = this.#held.slice(length);
    this.#kept.add(text);
    this.#onText?.(text);
  }

  /** Number of trailing characters that could be the start of a mark. */
  #partOfStart(): number {
    let length = Math.min(this.#start.length - 1, this.#held.length);
    while (length > 0 && !this.#held.endsWith(this.#start.slice(0, length))) length--;
    return length;
  }
}
