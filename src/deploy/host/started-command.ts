import { PassThrough } from "node:stream";
import { BuildoutError } from "../../errors/error.ts";
import type { ExecOptions, ExecResult } from "../../ssh/commands/exec.ts";

/** How a program on the host waits. */
export interface Waiting {
  /** The beginning of its input, which it waits for. */
  word: string;
  /** Its exit status if its input ends without that. It has done nothing then. */
  unheard: number;
}

type Output = "onStdout" | "onStderr";

/** A command that runs on the host, but only waits yet. Until it gets the word, nothing of it is shown. */
export class StartedCommand {
  readonly #waiting: Waiting;
  readonly #input = new PassThrough();
  readonly #ended: Promise<ExecResult | undefined>;
  readonly #early: [Output, string][] = [];
  #shown: Pick<ExecOptions, Output> | undefined;
  #isOver = false;

  constructor(waiting: Waiting, start: (options: ExecOptions) => Promise<ExecResult>) {
    this.#waiting = waiting;
    const to = (output: Output) => (chunk: string) => {
      if (this.#shown === undefined) this.#early.push([output, chunk]);
      else this.#shown[output]?.(chunk);
    };
    const running = start({
      input: this.#input,
      onStdout: to("onStdout"),
      onStderr: to("onStderr"),
    });
    this.#ended = running.then(
      (result) => (result.code === waiting.unheard ? undefined : result),
      (error) => {
        if (error instanceof BuildoutError && error.code === "channel-refused") return undefined;
        throw error;
      },
    );
    const over = () => {
      this.#isOver = true;
    };
    this.#ended.then(over, over);
  }

  /** Lets it work; returns its result, or undefined if it has done nothing. */
  async proceed(options: Pick<ExecOptions, Output | "input">): Promise<ExecResult | undefined> {
    const { input = "" } = options;
    if (this.#isOver || typeof input !== "string") {
      this.cancel();
      return undefined;
    }
    this.#shown = options;
    for (const [output, chunk] of this.#early) options[output]?.(chunk);
    this.#input.end(`${this.#waiting.word}${input}`);
    return this.#ended;
  }

  /** Ends it; it does nothing. */
  cancel(): void {
    this.#input.end();
  }
}
