/** Answers prompts in a command's output, like `env.prompts` in Fabric 1. */
import { PassThrough } from "node:stream";
import { StringDecoder } from "node:string_decoder";

export class Answers {
  /** For the command to read. */
  readonly input = new PassThrough();
  readonly #answers: readonly (readonly [question: string, answer: string])[];
  readonly #longest: number;
  readonly #decoders = { out: new StringDecoder("utf8"), err: new StringDecoder("utf8") };
  #end = "";

  constructor(answers: readonly (readonly [question: string, answer: string])[]) {
    this.#answers = answers;
    this.#longest = Math.max(0, ...answers.map(([question]) => question.length));
  }

  /** Output as it arrives; a prompt counts at the end of a line or of the output so far. */
  heard(stream: "out" | "err", bytes: Buffer): void {
    for (const piece of this.#decoders[stream].write(bytes).split(/([\r\n])/)) {
      if (piece === "") continue;
      this.#end = (this.#end + piece).slice(-this.#longest);
      const found = this.#answers.find(([question]) => this.#end.endsWith(question));
      if (found === undefined) continue;
      this.#end = "";
      this.input.write(`${found[1]}\n`);
    }
  }
}
