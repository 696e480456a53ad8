/**
 * Text rules of Python's `str`, which the configuration language inherits: white space and line breaks
 * differ from JavaScript's.
 */

/** The members of Python's `\s` (and of `str.isspace`), for use in a character class. */
export const SPACE =
  "\\t-\\r\\x1c-\\x20\\x85\\xa0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000";

const WORDS = new RegExp(`[^${SPACE}]+`, "g");
const LINE_END = /\r\n|[\n\r\v\f\x1c-\x1e\x85\u2028\u2029]/;

/** Whether one UTF-16 unit is white space (every Python white space is one unit). */
export function isSpace(unit: number): boolean {
  if (unit < 0x80) return unit === 0x20 || (unit >= 9 && unit <= 13) || (unit >= 28 && unit <= 31);
  if (unit < 0x1680) return unit === 0x85 || unit === 0xa0;
  return (
    unit === 0x1680 ||
    (unit >= 0x2000 && unit <= 0x200a) ||
    unit === 0x2028 ||
    unit === 0x2029 ||
    unit === 0x202f ||
    unit === 0x205f ||
    unit === 0x3000
  );
}

/** `str.rstrip()` */
export function stripEnd(text: string): string {
  let end = text.length;
  while (end > 0 && isSpace(text.charCodeAt(end - 1))) end--;
  return end === text.length ? text : text.slice(0, end);
}

/** `str.lstrip()` */
export function stripStart(text: string): string {
  let start = 0;
  while (start < text.length && isSpace(text.charCodeAt(start))) start++;
  return start === 0 ? text : text.slice(start);
}

/** `str.strip()` */
export function strip(text: string): string {
  return stripFrom(text, 0);
}

/** `str[from:].strip()` */
export function stripFrom(text: string, from: number): string {
  let start = from;
  let end = text.length;
  while (start < end && isSpace(text.charCodeAt(start))) start++;
  while (end > start && isSpace(text.charCodeAt(end - 1))) end--;
  return text.slice(start, end);
}

/** `str.split()`: the words between white space. */
export function words(text: string): string[] {
  return text.match(WORDS) ?? [];
}

/** `str.splitlines()`: a trailing line break adds no line; form feeds and U+2028 end lines, too. */
export function splitLines(text: string): string[] {
  if (!LINE_END.test(text)) return text === "" ? [] : [text];
  const lines = text.split(LINE_END);
  if (lines.at(-1) === "") lines.pop();
  return lines;
}

/** The lines that are not blank, each without white space at its ends. */
export function lines(text: string): string[] {
  return splitLines(text).map(strip).filter(Boolean);
}

/** Order of Python's `sorted` on strings: by code point, not by UTF-16 unit. */
export function compareText(a: string, b: string): number {
  if (a === b) return 0;
  const shorter = Math.min(a.length, b.length);
  for (let i = 0; i < shorter; i++) {
    const x = a.charCodeAt(i);
    const y = b.charCodeAt(i);
    if (x === y) continue;
    const highX = x >= 0xd800 && x < 0xe000;
    const highY = y >= 0xd800 && y < 0xe000;
    return highX === highY ? x - y : highX ? 1 : -1;
  }
  return a.length - b.length;
}

const SURROGATE = /[\ud800-\udfff]/;

/** Python's `sorted` of strings. */
export function sorted(texts: Iterable<string>): string[] {
  const list = [...texts];
  // JavaScript's order only differs for characters beyond the basic plane.
  return list.some((text) => SURROGATE.test(text)) ? list.sort(compareText) : list.sort();
}

const ESCAPES: Record<string, string> = { "\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t" };

/** `repr()` of a string: zc.buildout's messages quote names and values this way. */
export function repr(text: string): string {
  const mark = text.includes("'") && !text.includes('"') ? '"' : "'";
  // Only characters that Python considers unprintable are escaped: controls, separators and unassigned code
  // points.
  const body = text.replace(/[\\\p{C}\p{Z}'"]/gu, (char) => {
    if (char === " ") return char;
    if (char === "'" || char === '"') return char === mark ? `\\${char}` : char;
    const known = ESCAPES[char];
    if (known !== undefined) return known;
    const code = char.codePointAt(0)!;
    if (code < 0x100) return `\\x${code.toString(16).padStart(2, "0")}`;
    if (code < 0x10000) return `\\u${code.toString(16).padStart(4, "0")}`;
    return `\\U${code.toString(16).padStart(8, "0")}`;
  });
  return mark + body + mark;
}
