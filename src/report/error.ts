import { relative } from "node:path";
import { BuildoutError, type Location, refusal } from "../errors/error.ts";
import { errorData, stackOf } from "../events/error-data.ts";
import { painter } from "./colour.ts";

/** The code of an error that is a defect of a recipe, not the user's to solve. */
const RECIPE_FAILED = "recipe-failed";

export interface ErrorFormat {
  /** Show the stack of every error, not only of defects. */
  debug?: boolean;
  colour?: boolean;
  /** Paths below it are shown relative to it; without it all are absolute. */
  directory?: string;
}

/** `file:line`, the file relative to `directory` when it lies below. */
export function shownPlace({ file, line }: Location, directory: string): string {
  const near = directory === "" ? "" : relative(directory, file);
  const shown = near === "" || near.startsWith("..") || /^[a-z]+:/.test(file) ? file : near;
  return line === undefined ? shown : `${shown}:${line}`;
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
 * The text a person sees on stderr for anything that was thrown: zc.buildout's
 * `While:` and `Error:` lines, then where and what to do. Only a defect shows
 * its stack, or any error in debug mode.
 */
export function formatError(thrown: unknown, format: ErrorFormat = {}): string {
  const { debug = false, colour = false, directory = "" } = format;
  const paint = painter(colour);
  const refused = refusal(thrown);
  if (refused !== undefined) {
    return `${paint("Error:", "red")} ${refused}\n${debug ? `${stackOf(thrown)}\n` : ""}`;
  }
  if (!(thrown instanceof BuildoutError)) return `${DEFECT}${stackOf(thrown)}\n`;
  const activities = whileLines(thrown.while);
  if (thrown.code === RECIPE_FAILED) return `${activities}${DEFECT}${stackOf(thrown.cause)}\n`;
  return [
    activities,
    `${paint("Error:", "red")} ${thrown.message}\n`,
    thrown.location ? `  ${paint("at", "dim")} ${shownPlace(thrown.location, directory)}\n` : "",
    thrown.output ? indent(thrown.output) : "",
    thrown.hint ? indent(thrown.hint) : "",
    debug ? `${stackOf(thrown)}\n` : "",
  ].join("");
}

/** `{"error": {code, message, file, line, hint, while}}`, without a final newline. */
export function formatErrorJson(thrown: unknown): string {
  return JSON.stringify({ error: errorData(thrown) }, undefined, 2);
}
