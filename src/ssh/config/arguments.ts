import type { Location } from "../../errors/error.ts";
import { seconds } from "./duration.ts";
import { expandVariables } from "./expansion.ts";
import { expanding, invalid } from "./invalid.ts";
import type { Keyword } from "./keywords.ts";

type Env = Readonly<Record<string, string | undefined>>;

/** The keywords whose `none` cannot be combined with other values. */
const LONE_NONE = /HostsFile$|^Canonical/;

/**
 * The arguments of a keyword in their canonical form.
 *
 * @throws BuildoutError `ssh-config-invalid` for what ssh rejects, too
 */
export function checkedArguments(
  keyword: Keyword,
  words: string[],
  at: Location,
  env: Env,
): string[] {
  const { name, shape } = keyword;
  const [first = ""] = words;
  if (words.length === 0 || (shape.kind !== "lenient" && words.includes(""))) {
    throw invalid(`${name} needs an argument.`, at);
  }
  if (words.length > 1 && LONE_NONE.test(name) && words.some((one) => /^none$/i.test(one))) {
    throw invalid(`${name}: 'none' must be the only value.`, at);
  }
  switch (shape.kind) {
    case "words":
    case "lenient":
      return words;
    case "domains":
      return words.map((domain) => checkedDomain(name, domain, at));
    case "aliases":
      return words.map((rule) => checkedAlias(name, rule, at));
    case "pairs":
      return checkedPairs(name, words, at);
    default:
      if (words.length === 1) return [checkedWord(keyword, first, at, env)];
      throw invalid(`${name} takes one argument, not '${words.join(" ")}'.`, at);
  }
}

function checkedWord({ name, shape }: Keyword, word: string, at: Location, env: Env): string {
  const wrong = (what: string) => invalid(`${name}: '${word}' is ${what}.`, at);
  switch (shape.kind) {
    case "choice": {
      const value = shape.as[word.toLowerCase()];
      if (value === undefined) throw wrong(`not one of ${Object.keys(shape.as).join(", ")}`);
      return value;
    }
    case "port":
      if (!/^\+?\d+$/.test(word) || Number(word) < 1 || Number(word) > 65_535)
        throw wrong("not a port (1 to 65535)");
      return String(Number(word));
    case "number":
      if (!/^\+?\d{1,9}$/.test(word)) throw wrong("not a number");
      return String(Number(word));
    case "time": {
      if (word === "none") return word;
      const time = seconds(word);
      if (time === undefined) throw wrong("not a time such as 90, 1m30s or 2h");
      return String(time);
    }
    case "agent":
      // Checked even if the line does not apply, as in ssh.
      expanding(name, at, () => expandVariables(word, env));
      if (/^\$(?!\{)/.test(word) && !/^\$[A-Za-z0-9_]+$/.test(word)) throw wrong("not a variable");
      return word;
    default:
      return word;
  }
}

function checkedDomain(name: string, written: string, at: Location): string {
  const domain = written.toLowerCase();
  if (!/^[a-z0-9][a-z0-9._-]*$/.test(domain) || domain.includes("..")) {
    throw invalid(`${name}: '${written}' is not a domain.`, at);
  }
  return domain.replace(/\.$/, "");
}

/** `FROM:TO`, two lists of patterns; `*` and `none` stand for all and for nothing. */
function checkedAlias(name: string, rule: string, at: Location): string {
  if (rule === "*") return "*:*";
  if (/^none$/i.test(rule) || /^[^:]*:./s.test(rule)) return rule.toLowerCase();
  throw invalid(`${name}: '${rule}' is not a pair of patterns FROM:TO.`, at);
}

/** If a name is repeated, the first counts. */
function checkedPairs(name: string, pairs: string[], at: Location): string[] {
  const found = new Map<string, string>();
  for (const pair of pairs) {
    const end = pair.indexOf("=");
    if (end < 0) throw invalid(`${name}: '${pair}' is not NAME=VALUE.`, at);
    const variable = pair.slice(0, end);
    if (!found.has(variable)) found.set(variable, pair);
  }
  return [...found.values()];
}
