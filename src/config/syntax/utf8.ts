import { BuildoutError } from "../../errors/error.ts";

const NEWLINE = 10;

function isWhole(bytes: Uint8Array): boolean {
  try {
    new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    return true;
  } catch {
    return false;
  }
}

/** The number of the first line that is not UTF-8. */
function brokenLine(bytes: Uint8Array): number {
  let line = 1;
  for (let start = 0; start < bytes.length; line++) {
    const end = bytes.indexOf(NEWLINE, start);
    const next = end < 0 ? bytes.length : end + 1;
    if (!isWhole(bytes.subarray(start, next))) return line;
    start = next;
  }
  return line;
}

const whole = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** The text of a configuration file; a byte order mark stays. Throws `not-utf8`. */
export function decodeUtf8(bytes: Uint8Array, file: string): string {
  try {
    return whole.decode(bytes);
  } catch (cause) {
    const location = { file, line: brokenLine(bytes) };
    throw new BuildoutError("not-utf8", `${file} is not encoded in UTF-8.`, { location, cause });
  }
}
