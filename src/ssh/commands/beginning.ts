/** A line that our programs print first. */
const MARK = "hostout-begins-here";
/** Upper limit for the output of a login shell's startup files. */
const MOST = 1024 * 1024;

/** The program with that line before its output. */
export function withBeginning(program: string): string {
  return `echo ${MARK};${program}`;
}

/**
 * Removes output of the login shell before the program's start, with or without a final newline, which
 * would be mistaken for the program's answer.
 */
export class Beginning {
  readonly #onStdout: ((chunk: string) => void) | undefined;
  #before: string | undefined = "";

  constructor(onStdout: ((chunk: string) => void) | undefined) {
    this.#onStdout = onStdout;
  }

  add(chunk: string): void {
    if (this.#before === undefined) {
      this.#onStdout?.(chunk);
      return;
    }
    this.#before += chunk;
    const output = afterMark(this.#before);
    if (output === undefined && this.#before.length < MOST) return;
    const rest = output ?? this.#before;
    this.#before = undefined;
    if (rest !== "") this.#onStdout?.(rest);
  }

  /** The output, of which only the end may have been kept. */
  static of(stdout: string): string {
    return afterMark(stdout) ?? stdout;
  }
}

function afterMark(text: string): string | undefined {
  const [before] = new RegExp(`^[^]*?${MARK}\\r?\\n`).exec(text) ?? [];
  return before === undefined ? undefined : text.slice(before.length);
}
