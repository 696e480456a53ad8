import { BuildoutError } from "../../../errors/error.ts";

const NAME = /^[-a-zA-Z0-9._]+$/;
const FORM = 'A line is KEY = VALUE, or KEY = "VALUE" in JSON form, with \\n for a line break.';

/** The values in the text of secrets.age. Throws `secrets-file-invalid`, which names no value. */
export function parseSecretLines(text: string): Map<string, string> {
  const values = new Map<string, string>();
  for (const [at, line] of text.split(/\r?\n/).entries()) {
    const entry = parseLine(line);
    if (entry === undefined) continue;
    if (entry === "invalid" || values.has(entry[0])) {
      const what = entry === "invalid" ? "is not KEY = VALUE" : "repeats a key";
      throw new BuildoutError("secrets-file-invalid", `Line ${at + 1} of the secrets ${what}.`, {
        hint: FORM,
      });
    }
    values.set(...entry);
  }
  return values;
}

/** The text with this value of `key`, replaced in place or appended. The rest is unchanged. */
export function withSecret(text: string, key: string, value: string): string {
  if (!NAME.test(key)) {
    throw new BuildoutError("usage", `'${key}' cannot be the name of a secret.`, {
      hint: "Use letters, digits, dots, dashes and underscores.",
    });
  }
  const isPlain = value !== "" && !/[\p{Cc}]|^\s|\s$|^"/u.test(value);
  const line = `${key} = ${isPlain ? value : JSON.stringify(value)}`;
  const lines = text === "" ? [] : text.replace(/\n$/, "").split("\n");
  const at = lines.findIndex((one) => {
    const entry = parseLine(one);
    return Array.isArray(entry) && entry[0] === key;
  });
  if (at < 0) lines.push(line);
  else lines[at] = line;
  return `${lines.join("\n")}\n`;
}

/** Undefined for a comment or an empty line. */
function parseLine(line: string): [key: string, value: string] | "invalid" | undefined {
  if (/^\s*(#|$)/.test(line)) return undefined;
  const [, key = "", written = ""] = /^\s*([^=\s]+)\s*=\s*(.*?)\s*$/.exec(line) ?? [];
  if (!NAME.test(key)) return "invalid";
  if (!written.startsWith('"')) return [key, written];
  try {
    const value: unknown = JSON.parse(written);
    return typeof value === "string" ? [key, value] : "invalid";
  } catch {
    return "invalid";
  }
}
