/**
 * Asks on stderr and reads the answer, a line of standard input from the terminal or a pipe. The answer is
 * undefined if the input has ended.
 */
export function lineReader(
  input: NodeJS.ReadableStream,
  write: (text: string) => void,
): (question: string) => Promise<string | undefined> {
  let lines: AsyncIterator<string> | undefined;
  return async (question) => {
    write(question);
    const { createInterface } = await import("node:readline");
    // Not as a terminal, so that Ctrl-C remains a signal.
    lines ??= createInterface({ input, terminal: false })[Symbol.asyncIterator]();
    const { value, done } = await lines.next();
    if (done) write("\n");
    return done ? undefined : value;
  };
}
