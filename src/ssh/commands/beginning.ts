/** A line that a program of ours prints before all else. */
const MARK = "hostout-begins-here";
/** What the startup files of a login shell print is less than this. */
const MOST = 1024 * 1024;

/** The program with that line before its output. */
export function withBeginning(program: string): string {
  return `echo ${MARK};${program}`;
}

/**
 * Takes away what the login shell printed before the program began, whether or not that ends with a
 * newline: it would be read as the program's answer.
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

  /** The whole output, of which the end alone may be there. */
  static of(stdout: string): string {
    return afterMark(stdout) ?? stdout;
  }
}

function afterMark(text: string): string | undefined {
  const [before] = new RegExp(`^[^]*?${MARK}\\r?\\n`).exec(text) ?? [];
  return before === undefined ? undefined : text.slice(before.length);
}
