import { quote, quoteAll } from "./quote.ts";

/** Maximum length of a word; csh does not support long ones. */
const LONGEST_WORD = 1000;

/**
 * A shell program that first sets `args` as its `$1`, `$2`, ... They are quoted, so that values never
 * become part of a program's text.
 */
export function shellProgram(text: string, args: readonly string[]): string {
  return withWords(text, quoteAll(args));
}

/**
 * The same with arguments that are already shell words. Comments are removed: a command must fit in one
 * packet, which some servers limit to 32 KiB (RFC 4253, 6.1).
 */
export function withWords(text: string, words: string): string {
  return `set -- ${words}\n${text.replace(/^[ \t]*# .*\n/gm, "")}`;
}

/** A program as a function of another one: it runs in a subshell. */
export function asFunction(name: string, text: string): string {
  return `${name}() (\n${text})\n`;
}

/**
 * A program and its arguments as one command on one line, for places that need a single command, such as
 * after `cd DIRECTORY &&`, and for any login shell.
 */
export function shellCommand(text: string, args: readonly string[] = []): string {
  return underSh(shellProgram(text, args));
}

/**
 * A program as a command that /bin/sh runs, whatever the login shell. In csh, quotes cannot contain line
 * breaks or `!`, and words are short; fish interprets `\\` in quotes. So these are escaped again for
 * printf(1), outside quotes, where all shells agree.
 */
export function underSh(program: string): string {
  if (program.length <= LONGEST_WORD && !/[\n\\!]/.test(program))
    return `/bin/sh -c ${quote(program)}`;
  const escaped = program.replaceAll("\\", "\\\\").replaceAll("\n", "\\n");
  const pieces = escaped.match(new RegExp(`(?:\\\\.|[^\\\\]){1,${LONGEST_WORD / 2}}`, "gsu")) ?? [];
  const words = pieces.map((piece) => `'${piece.replace(/['\\!]/g, "'\\$&'")}'`);
  return `/bin/sh -c 'p=$(printf %b "$@"); shift $#; eval "$p"' sh ${words.join(" ")}`;
}
