/**
 * One word for a POSIX shell, in single quotes where it needs any (POSIX.1-2017, Shell Command Language,
 * 2.2.2). The one quoting function: every value that reaches a shell passes through it. Throws a TypeError
 * for a NUL byte, which a shell word cannot contain.
 */
export function quote(word: string): string {
  if (word.includes("\0")) throw new TypeError("A shell word cannot contain a NUL byte");
  if (/^[\w@%+:,./-]+$/.test(word)) return word;
  return `'${word.replaceAll("'", `'\\''`)}'`;
}

/** Words of a command as one line for a POSIX shell. */
export function quoteAll(words: readonly string[]): string {
  return words.map(quote).join(" ");
}

/** As `quote`, but a tilde at the start of a path still means the home directory. */
export function quotePath(path: string): string {
  if (path === "~") return path;
  return path.startsWith("~/") ? `~/${quote(path.slice(2))}` : quote(path);
}
