/** Maximum characters of a line to hold back; longer lines are passed on in pieces. */
const LONGEST = 2 ** 20;

/** Splits output into lines as it arrives, in time and memory independent of their length. */
export function outputLines(emit: (line: string) => void) {
  let pieces: string[] = [];
  let length = 0;
  let begun = false;
  const pass = (whole: boolean) => {
    const line = pieces.join("");
    pieces = [];
    length = 0;
    if (line !== "" || !begun) emit(whole ? line.replace(/\r$/, "") : line);
    begun = !whole;
  };
  const hold = (piece: string) => {
    if (piece === "") return;
    pieces.push(piece);
    length += piece.length;
    if (length >= LONGEST) pass(false);
  };
  return {
    push(chunk: string) {
      let start = 0;
      for (let end = chunk.indexOf("\n"); end >= 0; end = chunk.indexOf("\n", start)) {
        hold(chunk.slice(start, end));
        pass(true);
        start = end + 1;
      }
      hold(chunk.slice(start));
    },
    end() {
      if (length > 0) pass(true);
    },
  };
}
