import { relative } from "node:path";
import { BuildoutError, type Location, refusal } from "../errors/error.ts";
import { errorData, stackOf } from "../events/error-data.ts";
import { painter } from "./color.ts";

/** The code of a defect in a recipe, which the user cannot solve. */
const RECIPE_FAILED = "recipe-failed";

export interface ErrorFormat {
  /** Show the stack of every error, not only of defects. */
  debug?: boolean;
  color?: boolean;
  /** Paths below it are shown relative to it; without it, all are absolute. */
  directory?: string;
}

/** `file:line`, the file relative to `directory` if it is below. */
function shownPlace({ file, line }: Location, directory: string): string {
  return withLine(shownFile(file, directory), line);
}

export function shownFile(file: string, directory: string): string {
  const near = directory === "" ? "" : relative(directory, file);
  return near === "" || near.startsWith("..") || /^[a-z]+:/.test(file) ? file : near;
}

export function withLine(file: string, line: number | undefined): string {
  return line === undefined ? file : `${file}:${line}`;
}

function indent(text: string): string {
  return text
    .trimEnd()
    .split("\n")
    .map((line) => `  ${line}\n`)
    .join("");
}

function whileLines(activities: readonly string[]): string {
  return activities.length === 0 ? "" : `While:\n${activities.map(indent).join("")}`;
}

const DEFECT =
  "\nAn internal error occurred due to a bug in either hostout or in a\nrecipe being used:\n";

/**
 * The text on stderr for anything that was thrown: zc.buildout's `While:` and `Error:` lines, then the
 * location and the hint. Only defects show their stack, or any error in debug mode.
 */
export function formatError(thrown: unknown, format: ErrorFormat = {}): string {
  return rawText(thrown, format, (text) => text.replace(CONTROL, escaped));
}

/** Control characters, except tabs and line breaks. */
const CONTROL = /\r(?!\n)|[^\P{Cc}\r\n\t]/gu;

function escaped(control: string): string {
  return `\\x${control.charCodeAt(0).toString(16).padStart(2, "0")}`;
}

function rawText(thrown: unknown, format: ErrorFormat, safe: (text: string) => string): string {
  const { debug = false, color = false, directory = "" } = format;
  const paint = painter(color);
  const refused = refusal(thrown);
  if (refused !== undefined) {
    return `${paint("Error:", "red")} ${safe(refused)}\n${debug ? `${stackOf(thrown)}\n` : ""}`;
  }
  if (!(thrown instanceof BuildoutError)) return `${DEFECT}${safe(stackOf(thrown))}\n`;
  const activities = safe(whileLines(thrown.while));
  if (thrown.code === RECIPE_FAILED)
    return `${activities}${DEFECT}${safe(stackOf(thrown.cause))}\n`;
  return [
    activities,
    `${paint("Error:", "red")} ${safe(thrown.message)}\n`,
    thrown.location
      ? `  ${paint("at", "dim")} ${safe(shownPlace(thrown.location, directory))}\n`
      : "",
    thrown.output ? indent(safe(thrown.output)) : "",
    thrown.hint ? indent(safe(thrown.hint)) : "",
    debug ? `${safe(stackOf(thrown))}\n` : "",
  ].join("");
}

/** `{"error": {code, message, file, line, hint, while}}`, without a final newline. */
export function formatErrorJson(thrown: unknown): string {
  return JSON.stringify({ error: errorData(thrown) }, undefined, 2);
}
