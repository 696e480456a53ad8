import { BuildoutError } from "../../errors/error.ts";
import { didYouMean } from "../../errors/nearest.ts";

/** What the words of a command line mean. */
export interface Invocation {
  hosts: string[];
  commands: string[];
  /** Arguments of the last command. */
  args: string[];
}

/**
 * Reads `host1 [host2...|all] cmd1 [cmd2...] [args]`: hosts until a word is no
 * host, commands until a word is no command of any chosen host, then arguments.
 * Throws `unknown-host` or `unknown-command` for a word that begins neither.
 */
export async function readWords(
  words: readonly string[],
  hostNames: readonly string[],
  commandNames: (hosts: readonly string[]) => Iterable<string> | Promise<Iterable<string>>,
): Promise<Invocation> {
  const hosts: string[] = [];
  let next = 0;
  for (; next < words.length; next++) {
    const word = words[next]!;
    const named = word === "all" ? hostNames : hostNames.filter((name) => name === word);
    if (named.length === 0) break;
    for (const name of named) if (!hosts.includes(name)) hosts.push(name);
  }
  const word = words[next];
  if (word === undefined) return { hosts, commands: [], args: [] };
  if (hosts.length === 0) {
    throw new BuildoutError("unknown-host", `There is no host '${word}'.`, {
      hint: joinHints(didYouMean(word, [...hostNames, "all"]), validHosts(hostNames)),
    });
  }
  const known = new Set(await commandNames(hosts));
  const commands: string[] = [];
  for (; next < words.length && known.has(words[next]!); next++) commands.push(words[next]!);
  if (commands.length === 0) {
    const hint = didYouMean(word, [...known, ...hostNames]);
    throw new BuildoutError("unknown-command", `There is no host or command '${word}'.`, {
      hint: joinHints(hint, `'bin/hostout ${hosts.join(" ")}' lists the commands.`),
    });
  }
  return { hosts, commands, args: words.slice(next) };
}

function validHosts(names: readonly string[]): string {
  return `Valid hosts are: ${[...names].sort().join(" ")}`;
}

function joinHints(...hints: (string | undefined)[]): string {
  return hints.filter((hint) => hint !== undefined).join(" ");
}
