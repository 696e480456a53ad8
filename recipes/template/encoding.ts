import { TextDecoder } from "node:util";
import { BuildoutError } from "../../src/index.ts";

/** Converts Python's name of an encoding to that of the WHATWG Encoding Standard, used by TextDecoder. */
function label(encoding: string): string {
  const name = encoding.trim().toLowerCase().replaceAll("_", "-");
  return name.replace(/^(u8|utf)$/, "utf-8").replace(/^latin-(\d)$/, "latin$1");
}

/** Placeholder for an undefined byte. */
const NONE = "\ufffd";

const LATIN1 = Buffer.from(Array.from({ length: 256 }, (_, byte) => byte)).toString("latin1");
const ASCII = LATIN1.slice(0, 128) + NONE.repeat(128);
const CP1252 = `${LATIN1.slice(0, 128)}€�‚ƒ„…†‡ˆ‰Š‹Œ�Ž��‘’“”•–—˜™š›œ�žŸ${LATIN1.slice(160)}`;

/**
 * Encodings that TextDecoder treats differently from Python (latin-1, ASCII), or that some versions of Node
 * decode incorrectly (windows-1252): the character of each byte.
 */
const TABLES: Record<string, string> = {
  ascii: ASCII,
  "us-ascii": ASCII,
  latin1: LATIN1,
  "iso-8859-1": LATIN1,
  "iso8859-1": LATIN1,
  cp1252: CP1252,
  "windows-1252": CP1252,
};

function decoderFor(encoding: string, fatal: boolean): TextDecoder {
  try {
    return new TextDecoder(label(encoding), { fatal, ignoreBOM: true });
  } catch (cause) {
    throw new BuildoutError("unknown-encoding", `unknown encoding: ${encoding}`, { cause });
  }
}

/** Reads bytes as text. Throws `unknown-encoding`, and `invalid-encoding` naming `source`. */
export function decode(bytes: Uint8Array, encoding: string, source: string): string {
  const table = TABLES[label(encoding)];
  const decoder = table === undefined ? decoderFor(encoding, true) : undefined;
  try {
    if (decoder !== undefined) return decoder.decode(bytes);
    const text = Array.from(bytes, (byte) => table![byte]!).join("");
    if (text.includes(NONE)) throw new TypeError(`not ${encoding}`);
    return text;
  } catch (cause) {
    throw new BuildoutError("invalid-encoding", `${source} is not encoded in ${encoding}.`, {
      hint: "Set the option input-encoding.",
      cause,
    });
  }
}

/** The character of each byte of a single-byte encoding. */
function tableOf(encoding: string): string {
  const known = TABLES[label(encoding)];
  if (known !== undefined) return known;
  const decoder = decoderFor(encoding, false);
  const table = Array.from(LATIN1, (_, byte) => decoder.decode(Uint8Array.of(byte))).join("");
  if (table.length === 256 && table.startsWith(LATIN1.slice(0, 128))) return table;
  throw new BuildoutError("unknown-encoding", `Text cannot be written as ${encoding}.`, {
    hint: "Use utf-8 for output-encoding.",
  });
}

/** Writes text as bytes. Throws `unknown-encoding`, and `invalid-encoding` naming a character. */
export function encode(text: string, encoding: string): Buffer {
  const name = label(encoding);
  if (/^utf-?8$/.test(name)) return Buffer.from(text, "utf8");
  if (/^utf-?16-?le$/.test(name)) return Buffer.from(text, "utf16le");
  // Python's utf-16 begins with a byte order mark.
  if (/^utf-?16$/.test(name)) return Buffer.from(`\ufeff${text}`, "utf16le");
  const bytes = new Map(Array.from(tableOf(encoding), (character, byte) => [character, byte]));
  bytes.delete(NONE);
  return Buffer.from(
    Array.from(text, (character) => {
      const byte = bytes.get(character);
      if (byte !== undefined) return byte;
      throw new BuildoutError("invalid-encoding", `'${character}' does not exist in ${encoding}.`, {
        hint: "Use utf-8 for output-encoding.",
      });
    }),
  );
}
