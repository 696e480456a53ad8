import { PassThrough } from "node:stream";
import { WHEEL_SCRIPT } from "../installers/wheel-script.ts";
import { runProgram } from "../program.ts";

/** A process of Python that unpacks one wheel after another. */
export class Worker {
  private readonly input = new PassThrough();
  private readonly ended: Promise<void>;
  private hasEnded = false;
  private answered: (isUnpacked: boolean) => void = () => {};

  constructor(executable: string, cwd: string) {
    const command = [executable, "-I", "-S", "-c", WHEEL_SCRIPT];
    const onLine = (line: string) => {
      if (line === "true" || line === "false") this.answered(line === "true");
    };
    const over = () => {
      this.hasEnded = true;
      this.answered(false);
    };
    // Leave errors of Python itself to pip, too.
    this.ended = runProgram({ command, cwd, input: this.input, onLine }).then(over, over);
  }

  /** Unpacks a wheel into an empty directory. False: leave it to pip. */
  unpack(file: string, hash: string | undefined, target: string): Promise<boolean> {
    if (this.hasEnded) return Promise.resolve(false);
    this.input.write(`${JSON.stringify([file, hash ?? "", target])}\n`);
    return new Promise((resolve) => {
      this.answered = resolve;
    });
  }

  async end(): Promise<void> {
    this.input.end();
    await this.ended;
  }
}
