import { quote, quoteAll } from "./quote.ts";

/** Characters of a word; csh takes no long ones. */
const LONGEST_WORD = 1000;

/**
 * A program for the shell that begins by taking `args` as its `$1`, `$2`, ... They are quoted: no
 * value becomes part of a program's text.
 */
export function shellProgram(text: string, args: readonly string[]): string {
  return withWords(text, quoteAll(args));
}

/**
 * The same with arguments that are words of the shell already. What explains the program stays here: a
 * command has to fit into one packet, of which some servers take no more than 32 KiB (RFC 4253, 6.1).
 */
export function withWords(text: string, words: string): string {
  return `set -- ${words}\n${text.replace(/^[ \t]*# .*\n/gm, "")}`;
}

/**
 * A program and its arguments as one command on one line, for places that take one command, as
 * after `cd FOLDER &&`, and for any login shell.
 */
export function shellCommand(text: string, args: readonly string[] = []): string {
  return underSh(shellProgram(text, args));
}

/**
 * A program as a command that /bin/sh runs, whatever login shell reads it. In csh no quotes hold an
 * end of line or keep `!`, and no word is long; fish reads `\\` in quotes. So those are escaped once
 * more for printf(1), and stand outside quotes, where all shells read them alike.
 */
export function underSh(program: string): string {
  if (program.length <= LONGEST_WORD && !/[\n\\!]/.test(program))
    return `/bin/sh -c ${quote(program)}`;
  const escaped = program.replaceAll("\\", "\\\\").replaceAll("\n", "\\n");
  const pieces = escaped.match(new RegExp(`(?:\\\\.|[^\\\\]){1,${LONGEST_WORD / 2}}`, "gsu")) ?? [];
  const words = pieces.map((piece) => `'${piece.replace(/['\\!]/g, "'\\$&'")}'`);
  return `/bin/sh -c 'p=$(printf %b "$@"); shift $#; eval "$p"' sh ${words.join(" ")}`;
}
