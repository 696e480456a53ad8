import { execFile } from "node:child_process";
import { expandAll, type Tokens } from "../config/expansion.ts";
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

/**
 * The lines that KnownHostsCommand prints for a host; `key` is what the host presents. A command that
 * fails gives none, as for ssh; `note` is told.
 */
export async function askKnownHosts(
  { words, tokens }: KnownHostsCommand,
  name: string,
  key: Buffer | undefined,
  env: Readonly<Record<string, string | undefined>>,
  note: ((line: string) => void) | undefined,
): Promise<KnownHost[]> {
  const purpose: Purpose = key === undefined ? "ORDER" : "HOSTNAME";
  const all = {
    ...{ ...tokens, H: name, I: purpose },
    f: key === undefined ? "NONE" : fingerprint(key),
    K: key === undefined ? "NONE" : key.toString("base64"),
    t: key === undefined ? "NONE" : keyType(key),
  };
  const [program = "", ...args] = words.map((word) => expandAll(word, all, env));
  const output = await new Promise<string>((resolve) => {
    execFile(program, args, { env: { ...env }, encoding: "utf8" }, (error, stdout) => {
      if (error !== null) note?.(`KnownHostsCommand failed: ${error.message.trim()}`);
      resolve(error === null ? stdout : "");
    });
  });
  return parseKnownHosts(output, program).filter((entry) => matchesHost(entry.hosts, name));
}
