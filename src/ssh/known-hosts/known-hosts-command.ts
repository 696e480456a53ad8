import { execFile } from "node:child_process";
import { expandAll, type Tokens } from "../config/expansion.ts";
import { endedBy } from "../config/shell.ts";
import {
  fingerprint,
  type KnownHost,
  keyType,
  matchesHost,
  parseKnownHosts,
} from "./known-hosts.ts";

export interface KnownHostsCommand {
  /** With the tokens of `tokens` and those about a key, unexpanded. */
  words: string[];
  tokens: Tokens;
}

/** What a run of KnownHostsCommand is for, as `%I` says it. */
type Purpose = "ORDER" | "HOSTNAME";

interface Runs {
  env: Readonly<Record<string, string | undefined>>;
  note: ((line: string) => void) | undefined;
  signal: AbortSignal | undefined;
}

/**
 * The lines that KnownHostsCommand prints for a host; `key` is what the host presents. A command that
 * fails gives none, as for ssh; `note` is told.
 *
 * @throws BuildoutError `interrupted` once `signal` says so
 */
export async function askKnownHosts(
  { words, tokens }: KnownHostsCommand,
  name: string,
  key: Buffer | undefined,
  { env, note, signal }: Runs,
): Promise<KnownHost[]> {
  const purpose: Purpose = key === undefined ? "ORDER" : "HOSTNAME";
  const all = {
    ...{ ...tokens, H: name, I: purpose },
    f: key === undefined ? "NONE" : fingerprint(key),
    K: key === undefined ? "NONE" : key.toString("base64"),
    t: key === undefined ? "NONE" : keyType(key),
  };
  const [program = "", ...args] = words.map((word) => expandAll(word, all, env));
  const output = await new Promise<string>((resolve, reject) => {
    const options = { env: { ...env }, encoding: "utf8" } as const;
    const child = execFile(program, args, options, (error, stdout) =>
      settled(() => {
        if (error !== null) note?.(`KnownHostsCommand failed: ${error.message.trim()}`);
        resolve(error === null ? stdout : "");
      }),
    );
    const settled = endedBy(signal, child, reject);
  });
  return parseKnownHosts(output, program).filter((entry) => matchesHost(entry.hosts, name));
}
