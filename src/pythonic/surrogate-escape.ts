/**
 * Text that may contain bytes that are not UTF-8, each as a code point from U+DC80 to U+DCFF, which valid
 * text cannot contain, as in Python's `surrogateescape` (PEP 383).
 */
import { isUtf8 } from "node:buffer";

const ESCAPES = /[\udc80-\udcff]/u;
const EACH_ESCAPE = /[\udc80-\udcff]/gu;
const FIRST_ESCAPE = 0xdc00;

/** Decodes a stream of bytes piece by piece; characters may be split between pieces. */
export class EscapingDecoder {
  #begun: Buffer = Buffer.alloc(0);

  write(bytes: Buffer): string {
    const all = this.#begun.length === 0 ? bytes : Buffer.concat([this.#begun, bytes]);
    const end = all.length - unfinished(all);
    this.#begun = Buffer.from(all.subarray(end));
    return decoded(all.subarray(0, end));
  }

  /** The rest of an incomplete character. */
  end(): string {
    const rest = this.#begun;
    this.#begun = Buffer.alloc(0);
    return decoded(rest);
  }
}

/** The bytes that a text was decoded from. */
export function originalBytes(text: string): Buffer {
  const pieces: Buffer[] = [];
  let start = 0;
  for (const { index } of text.matchAll(EACH_ESCAPE)) {
    if (index > start) pieces.push(Buffer.from(text.slice(start, index)));
    pieces.push(Buffer.from([text.charCodeAt(index) - FIRST_ESCAPE]));
    start = index + 1;
  }
  pieces.push(Buffer.from(text.slice(start)));
  return Buffer.concat(pieces);
}

export function isEscaped(text: string): boolean {
  return ESCAPES.test(text);
}

/** The text with U+FFFD in place of what is not UTF-8. */
export function validText(text: string): string {
  return text.replace(EACH_ESCAPE, "\ufffd");
}

function decoded(bytes: Buffer): string {
  if (isUtf8(bytes)) return bytes.toString("utf8");
  const pieces: string[] = [];
  let start = 0;
  for (let at = 0; at < bytes.length; ) {
    const length = characterAt(bytes, at);
    if (length > 0) {
      at += length;
      continue;
    }
    if (at > start) pieces.push(bytes.toString("utf8", start, at));
    pieces.push(String.fromCharCode(FIRST_ESCAPE + bytes[at]!));
    at += 1;
    start = at;
  }
  pieces.push(bytes.toString("utf8", start));
  return pieces.join("");
}

/** The length in bytes of the character at this position; 0 if there is none (Unicode, table 3-7). */
function characterAt(bytes: Buffer, at: number): number {
  const first = bytes[at]!;
  const length = lengthBy(first);
  if (length < 2) return length;
  const second = bytes[at + 1] ?? 0;
  const [low, high] = secondRange(first);
  if (second < low || second > high) return 0;
  for (let next = at + 2; next < at + length; next++) {
    if (((bytes[next] ?? 0) & 0xc0) !== 0x80) return 0;
  }
  return length;
}

function lengthBy(first: number): number {
  if (first < 0x80) return 1;
  if (first < 0xc2) return 0;
  if (first < 0xe0) return 2;
  if (first < 0xf0) return 3;
  return first < 0xf5 ? 4 : 0;
}

function secondRange(first: number): [low: number, high: number] {
  if (first === 0xe0) return [0xa0, 0xbf];
  if (first === 0xed) return [0x80, 0x9f];
  if (first === 0xf0) return [0x90, 0xbf];
  if (first === 0xf4) return [0x80, 0x8f];
  return [0x80, 0xbf];
}

/** Trailing bytes that may be the start of a character. */
function unfinished(bytes: Buffer): number {
  for (let count = 1; count <= Math.min(3, bytes.length); count++) {
    const byte = bytes[bytes.length - count]!;
    if ((byte & 0xc0) === 0x80) continue;
    return lengthBy(byte) > count ? count : 0;
  }
  return 0;
}
