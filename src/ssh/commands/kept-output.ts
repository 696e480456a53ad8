/** Maximum characters of a result: half of V8's limit for a string. */
const MOST = 2 ** 28;
/** Characters to keep of the end if the whole output is not requested, per running host. */
const END = 2 ** 20;

/** The output of a command on one stream, in bounded memory. */
export class KeptOutput {
  readonly #keep: "whole" | "end";
  /** If only the end is kept: the preceding block of that size, or nothing yet. */
  #before: string[] = [];
  #chunks: string[] = [];
  #length = 0;

  constructor(keep: "whole" | "end" = "whole") {
    this.#keep = keep;
  }

  /** False if the limit is exceeded; the piece is then dropped. */
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
