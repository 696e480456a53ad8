import { quoteAll } from "../../ssh/quote.ts";

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
