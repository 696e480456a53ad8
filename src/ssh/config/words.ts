/** The first word of a line and what follows it; `rest` is undefined if nothing follows. */
export interface FirstWord {
  word: string;
  rest: string | undefined;
}

const isBlank = (char: string | undefined) => char === " " || char === "\t" || char === "\r";

function skipBlanks(text: string, from: number): number {
  let at = from;
  while (isBlank(text[at])) at++;
  return at;
}

/**
 * Cuts the first word off: it ends at white space, at one `=` with white space around it, or at quotes.
 * Undefined if a quote is not closed.
 */
export function firstWord(text: string): FirstWord | undefined {
  const found = /[ \t\r"=]/.exec(text);
  if (found === null) return { word: text, rest: undefined };
  const at = found.index;
  if (text[at] === '"') {
    const end = text.indexOf('"', at + 1);
    if (end < 0) return undefined;
    return {
      word: text.slice(0, at) + text.slice(at + 1, end),
      rest: text.slice(skipBlanks(text, end + 1)),
    };
  }
  let next = skipBlanks(text, at + 1);
  if (text[at] !== "=" && text[next] === "=") next = skipBlanks(text, next + 1);
  return { word: text.slice(0, at), rest: text.slice(next) };
}

/**
 * The arguments of a keyword: separated by white space, quoted with `'` or `"`, up to a comment. A
 * backslash escapes a quote, a backslash, or a space outside quotes. Undefined if a quote is not closed.
 */
export function argumentsOf(text: string): string[] | undefined {
  const words: string[] = [];
  let at = 0;
  for (;;) {
    while (text[at] === " " || text[at] === "\t") at++;
    if (at >= text.length || text[at] === "#") return words;
    let word = "";
    let quote = "";
    for (; at < text.length; at++) {
      const char = text[at]!;
      const next = text[at + 1];
      if (char === "\\") {
        const escapes = next === "'" || next === '"' || next === "\\" || (!quote && next === " ");
        if (escapes) at++;
        word += text[at];
      } else if (quote === "" && (char === " " || char === "\t")) break;
      else if (quote === "" && (char === '"' || char === "'")) quote = char;
      else if (char === quote) quote = "";
      else word += char;
    }
    if (quote !== "") return undefined;
    words.push(word);
  }
}
