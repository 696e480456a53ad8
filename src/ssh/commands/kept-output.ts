/** Characters that a result may hold: half of what V8 puts into one string. */
const MOST = 2 ** 28;
/** Characters of the end that are kept where the whole is not asked for. */
const END = 2 ** 23;

/** What a command has printed on one of its outputs, in bounded memory. */
export class KeptOutput {
  readonly #keep: "whole" | "end";
  #chunks: string[] = [];
  #length = 0;

  constructor(keep: "whole" | "end" = "whole") {
    this.#keep = keep;
  }

  /** False when that was more than a result can hold; it is not kept then. */
  add(chunk: string): boolean {
    if (this.#keep === "whole" && this.#length + chunk.length > MOST) return false;
    this.#chunks.push(chunk);
    this.#length += chunk.length;
    if (this.#keep === "end" && this.#length > 2 * END) {
      this.#chunks = [this.#chunks.join("").slice(-END)];
      this.#length = END;
    }
    return true;
  }

  text(): string {
    return this.#chunks.join("");
  }
}
