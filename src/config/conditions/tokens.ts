import { BeyondSubset, ConditionProblem } from "./problem.ts";

export type Token =
  | { kind: "number"; value: bigint | number }
  | { kind: "string"; value: string }
  | { kind: "name"; value: string }
  | { kind: "operator"; value: string }
  | { kind: "end"; value: "" };

const NUMBER =
  /(?:0[xX](?:_?[\da-fA-F])+|0[oO](?:_?[0-7])+|0[bB](?:_?[01])+|(?:\d+(?:_\d+)*)?\.\d+(?:_\d+)*(?:[eE][-+]?\d+)?|\d+(?:_\d+)*(?:\.(?:[eE][-+]?\d+)?|[eE][-+]?\d+)?)/y;
const NAME = /[\p{L}_][\p{L}\p{N}_]*/uy;
const OPERATOR = /\*\*|\/\/|<<|>>|<=|>=|==|!=|->|:=|[-+*/%@&|^~<>()[\]{},:.=]/y;
// Python allows no others between tokens.
const SPACES = " \t\n\r\f";
const PREFIX = /([rRuUbBfF]{0,2})('''|"""|'|")/y;

const ESCAPES: Record<string, string> = {
  "\n": "",
  "\\": "\\",
  "'": "'",
  '"': '"',
  a: "\x07",
  b: "\b",
  f: "\f",
  n: "\n",
  r: "\r",
  t: "\t",
  v: "\v",
};
const ESCAPE = /\\(x[\da-fA-F]{2}|u[\da-fA-F]{4}|U[\da-fA-F]{8}|[0-7]{1,3}|[\s\S])/g;

/** A string literal's text with its escapes resolved as Python does. */
export function unescaped(text: string): string {
  return text.replace(ESCAPE, (whole, code: string) => {
    const known = ESCAPES[code];
    if (known !== undefined) return known;
    if (/^[xuU]./.test(code)) {
      const point = Number.parseInt(code.slice(1), 16);
      if (point > 0x10ffff) throw new ConditionProblem("a string cannot contain this character");
      return String.fromCodePoint(point);
    }
    if (/^[0-7]/.test(code)) return String.fromCharCode(Number.parseInt(code, 8));
    return whole;
  });
}

function matchAt(pattern: RegExp, text: string, at: number): RegExpExecArray | null {
  pattern.lastIndex = at;
  return pattern.exec(text);
}

/** The tokens of a Python expression, followed by an `end`. Throws ConditionProblem. */
export function tokenize(text: string): Token[] {
  const tokens: Token[] = [];
  let at = 0;
  while (at < text.length) {
    if (SPACES.includes(text[at]!)) {
      at++;
      continue;
    }
    const prefix = matchAt(PREFIX, text, at);
    if (prefix !== null) {
      const [opening, flags = "", mark = ""] = prefix;
      const raw = /r/i.test(flags);
      if (/[bf]/i.test(flags)) throw new BeyondSubset("bytes and f-strings are not supported");
      let end = at + opening.length;
      while (end < text.length && !text.startsWith(mark, end)) end += text[end] === "\\" ? 2 : 1;
      if (end >= text.length) throw new ConditionProblem("a string is not closed");
      const body = text.slice(at + opening.length, end);
      tokens.push({ kind: "string", value: raw ? body : unescaped(body) });
      at = end + mark.length;
      continue;
    }
    const number = matchAt(NUMBER, text, at)?.[0];
    if (number !== undefined) {
      const digits = number.replaceAll("_", "");
      const whole = /^(0[xob][\da-f]+|\d+)$/i.test(digits);
      tokens.push({ kind: "number", value: whole ? BigInt(digits) : Number(digits) });
      at += number.length;
      continue;
    }
    const name = matchAt(NAME, text, at)?.[0];
    const operator = name === undefined ? matchAt(OPERATOR, text, at)?.[0] : undefined;
    if (name !== undefined) tokens.push({ kind: "name", value: name });
    else if (operator !== undefined) tokens.push({ kind: "operator", value: operator });
    else throw new ConditionProblem(`'${text[at]}' is unexpected there`);
    at += (name ?? operator ?? "").length;
  }
  tokens.push({ kind: "end", value: "" });
  return tokens;
}
