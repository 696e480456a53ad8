import { existsSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { BuildoutError } from "../../errors/error.ts";
import { unusual } from "../../system/file-kind.ts";

interface Credentials {
  login: string;
  password: string;
}

/** The words of a `.netrc`, separated by white space, with quotes and `#` comments. */
function netrcWords(text: string): string[] {
  const words: string[] = [];
  for (const line of text.split("\n")) {
    for (const [, quotedWord, word] of line.matchAll(/"([^"]*)"|(\S+)/g)) {
      if (word?.startsWith("#") && words.at(-1) !== "password") break;
      words.push(quotedWord ?? word!);
    }
  }
  return words;
}

/** The login that a `.netrc` text has for a host: its `machine` entry, else `default`. */
export function findCredentials(text: string, host: string): Credentials | undefined {
  let found: Partial<Credentials> | undefined;
  let general: Partial<Credentials> | undefined;
  let current: Partial<Credentials> = {};
  const words = netrcWords(text);
  for (let i = 0; i < words.length; i++) {
    if (words[i] === "machine" || words[i] === "default") {
      current = {};
      if (words[i] === "default") general ??= current;
      else if (words[++i] === host) found ??= current;
    } else if (words[i] === "login" || words[i] === "user") current.login = words[++i] ?? "";
    else if (words[i] === "password") current.password = words[++i] ?? "";
    else if (words[i] === "account") i++;
  }
  const { login, password } = found ?? general ?? {};
  return login === undefined || password === undefined ? undefined : { login, password };
}

/** The login for a host in `$NETRC` or `~/.netrc`, if there is one. */
export function credentialsFor(
  host: string,
  env: Readonly<Record<string, string | undefined>>,
): Credentials | undefined {
  const path = env.NETRC ?? (env.HOME === undefined ? undefined : join(env.HOME, ".netrc"));
  if (path === undefined || !existsSync(path)) return undefined;
  // A pipe could block forever.
  const kind = unusual(statSync(path));
  if (kind !== undefined) {
    throw new BuildoutError(
      "unreadable-file",
      `Cannot read ${path}: it is ${kind}, not a regular file`,
    );
  }
  return findCredentials(readFileSync(path, "utf8"), host);
}
