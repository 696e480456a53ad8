import { readFileSync, statSync } from "node:fs";
import path from "node:path";
import {
  BuildoutError,
  download,
  downloadSettings,
  type ErrorCode,
  messageOf,
  type Part,
  removeTemporary,
  strip,
  stripStart,
} from "../../src/index.ts";
import { decode } from "./encoding.ts";

/** A template before its references are replaced. */
export interface Source {
  text: string;
  /** Permission bits of the input file; undefined if the template comes from elsewhere. */
  mode: number | undefined;
}

function tooMany(part: Part): boolean {
  const { options } = part;
  return options.has("input") && (options.has("inline") || options.has("url"));
}

/** An error that is also logged under the part's name, as in the original. */
function refuse(part: Part, code: ErrorCode, message: string): BuildoutError {
  part.log.error(message);
  return new BuildoutError(code, message);
}

/** Checks that the part names the source of its template and the output. */
export function checkOptions(part: Part): void {
  const { options } = part;
  if (!["input", "inline", "url"].some((option) => options.has(option))) {
    const message = "No input file, inline template, or URL specified.";
    throw refuse(part, "missing-option", message);
  }
  if (!options.has("output")) throw refuse(part, "missing-option", "No output file specified.");
  if (tooMany(part)) throw refuse(part, "conflicting-options", "Too many input sources.");
}

function readInput(directory: string, input: string, encoding: string): Source | undefined {
  if (input === "") return undefined; // An empty path, not that of the directory.
  const file = path.resolve(directory, input);
  try {
    const { mode } = statSync(file);
    return { text: decode(readFileSync(file), encoding, file), mode: mode & 0o7777 };
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT" || code === "ENOTDIR" || code === "ENAMETOOLONG") return undefined;
    throw error;
  }
}

/** Seconds, parsed like Python's `float`. */
function timeoutOf(part: Part): number {
  const text = part.options.get("timeout") ?? "1.0";
  const seconds = Number(text);
  if (strip(text) === "" || !(seconds > 0) || seconds > 2_000_000) {
    throw refuse(part, "invalid-value", `timeout is '${text}', not a number of seconds.`);
  }
  return seconds;
}

/** The bytes at a URL, or from the cache if it is unreachable. */
async function fetchUrl(part: Part, url: string, seconds: number): Promise<Uint8Array> {
  const { buildout, log } = part;
  const file = await download({
    ...(await downloadSettings(buildout)),
    timeout: seconds * 1000,
    url,
    namespace: "template",
    hashName: true,
    fallback: buildout.newest,
    log: { ...log, info: log.debug }, // The original prints nothing, either.
  });
  try {
    return readFileSync(file.path);
  } finally {
    await removeTemporary(file);
  }
}

async function readUrl(
  part: Part,
  url: string,
  encoding: string,
  seconds: number,
): Promise<Source> {
  if (!URL.canParse(url)) throw refuse(part, "invalid-value", `unknown url type: '${url}'`);
  const { protocol, host, pathname } = new URL(url);
  const shown = `${protocol}//${host}${pathname}`; // without name and password
  try {
    const bytes = await fetchUrl(part, url, seconds);
    return { text: decode(bytes, encoding, shown), mode: undefined };
  } catch (error) {
    if (!(error instanceof BuildoutError) || error.code === "invalid-encoding") throw error;
    if (error.code !== "download-failed") throw refuse(part, error.code, error.message);
    const reason = messageOf(error.cause);
    const why = reason === "timed out" ? `no answer within ${seconds} s` : reason;
    throw refuse(part, "download-failed", `Couldn't read ${shown}: ${why}`);
  }
}

/**
 * zc.buildout removes the indentation of lines in `input = inline:`. That breaks lists in INI files
 * (`pipeline =` with `app` below), so these are indented again.
 */
function indentLists(text: string): string {
  const lines = text.split("\n");
  if (!lines.some((line) => /^\[[^\s[\]]+\]$/.test(line))) return text;
  let inList = false;
  const indented = lines.map((line) => {
    const isItem = /^[^[#;]/.test(line) && !/^[^\s=:]+\s*(=|:(\s|$))/.test(line);
    inList = /^[\w.-]+\s*=$/.test(line) || (inList && isItem);
    return inList && isItem ? `    ${line}` : line;
  });
  return indented.join("\n");
}

/** Reads the template: `inline`, else the file `input`, else `input = inline:...`, else `url`. */
export async function readSource(part: Part): Promise<Source> {
  const { options } = part;
  const encoding = options.get("input-encoding") ?? "utf-8";
  const seconds = timeoutOf(part);
  const inline = options.get("inline");
  if (inline !== undefined) return { text: stripStart(inline), mode: undefined };
  const input = options.get("input");
  if (input === undefined) return readUrl(part, options.require("url"), encoding, seconds);
  const file = readInput(part.buildout.directory, input, encoding);
  if (file !== undefined) return file;
  if (input.startsWith("inline:")) {
    return { text: indentLists(stripStart(input.slice("inline:".length))), mode: undefined };
  }
  throw refuse(part, "missing-file", `Input file '${input}' does not exist.`);
}
