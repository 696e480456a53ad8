import { PassThrough } from "node:stream";
import { pipeline } from "node:stream/promises";
import { BuildoutError } from "../../errors/error.ts";
import type { ExecOptions, ExecResult } from "../../ssh/commands/exec.ts";

/** How a program on the host waits. */
export interface Waiting {
  /** The line that it waits for; undefined: the `firstLine` that comes with its input. */
  word?: string;
  /** Its exit status if its input ends without that. It has done nothing then. */
  unheard: number;
}

type Output = "onStdout" | "onStderr";

/** Its input, and who gets its output. */
type Told = Pick<ExecOptions, Output | "firstLine" | "input">;

/** A command that has started on the host and waits there. None of its output is shown before it is told to proceed. */
export class StartedCommand {
  readonly #waiting: Waiting;
  readonly #input = new PassThrough();
  readonly #isRunning: Promise<boolean>;
  readonly #ended: Promise<ExecResult | undefined>;
  readonly #early: [Output, string][] = [];
  #shown: Told | undefined;
  #isOver = false;

  constructor(waiting: Waiting, start: (options: ExecOptions) => Promise<ExecResult>) {
    this.#waiting = waiting;
    const to = (output: Output) => (chunk: string) => {
      if (this.#shown === undefined) this.#early.push([output, chunk]);
      else this.#shown[output]?.(chunk);
    };
    let running: Promise<ExecResult>;
    this.#isRunning = new Promise((resolve) => {
      running = start({
        input: this.#input,
        onStdout: to("onStdout"),
        onStderr: to("onStderr"),
        onStarted: () => resolve(true),
      });
      const over = () => {
        this.#isOver = true;
        resolve(false);
      };
      running.then(over, over);
    });
    this.#ended = running!.then(
      (result) => (result.code === waiting.unheard ? undefined : result),
      (error) => {
        if (error instanceof BuildoutError && error.code === "channel-refused") return undefined;
        throw error;
      },
    );
    this.#ended.catch(() => {});
  }

  /**
   * Lets it work; returns its result. Undefined if it has done nothing. If the input is a stream, it is untouched then.
   */
  async proceed(told: Told): Promise<ExecResult | undefined> {
    const { firstLine = this.#waiting.word, input = "" } = told;
    const isStream = typeof input === "object" && "pipe" in input;
    if (isStream) await this.#isRunning;
    if (this.#isOver || this.#input.writableEnded) return undefined;
    this.#shown = told;
    for (const [output, chunk] of this.#early) told[output]?.(chunk);
    if (firstLine !== undefined) this.#input.write(`${firstLine}\n`);
    // Its error is that of the command.
    if (isStream) pipeline(input, this.#input).catch(() => {});
    else this.#input.end(input);
    return this.#ended;
  }

  /** Ends it if it still waits; it does nothing then. */
  cancel(): void {
    if (this.#shown === undefined) this.#input.end();
  }
}
