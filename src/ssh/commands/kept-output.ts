/** Characters that a result may hold: half of what V8 puts into one string. */
const MOST = 2 ** 28;
/** Characters of the end that are kept where the whole is not asked for, for each host that runs. */
const END = 2 ** 20;

/** What a command has printed on one of its outputs, in bounded memory. */
export class KeptOutput {
  readonly #keep: "whole" | "end";
  /** Where only the end is kept: as much as that of what came before the rest, or nothing yet. */
  #before: string[] = [];
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
    if (this.#keep === "end" && this.#length >= END) {
      this.#before = this.#chunks;
      this.#chunks = [];
      this.#length = 0;
    }
    return true;
  }

  text(): string {
    const text = [...this.#before, ...this.#chunks].join("");
    return this.#keep === "end" ? text.slice(-END) : text;
  }
}
