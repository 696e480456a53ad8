import { quoteAll } from "./quote.ts";

/**
 * A program for the remote shell that begins by taking `args` as its `$1`, `$2`, ... They are
 * quoted: no value becomes part of a program's text.
 */
export function shellProgram(text: string, args: readonly string[]): string {
  return withWords(text, quoteAll(args));
}

/** The same with arguments that are words of the shell already. */
export function withWords(text: string, words: string): string {
  return `set -- ${words}\n${text}`;
}

/**
 * A program and its arguments as one command on one line: for login shells such as
 * csh, which have no strings of several lines, and for places that take one command, as after
 * `cd FOLDER &&`. Such a program has comments on lines of their own, and neither `case` nor `<<`.
 */
export function shellCommand(text: string, args: readonly string[] = []): string {
  const lines = text
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "" && !line.startsWith("#"));
  const joined = lines.join("\n").replace(/(\b(?:then|do|else)|[;{(|&])\n/g, "$1 ");
  return quoteAll(["/bin/sh", "-c", joined.replaceAll("\n", "; "), "/bin/sh", ...args]);
}
