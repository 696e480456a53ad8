import { execFile } from "node:child_process";
import { isAbsolute } from "node:path";
import type { Location } from "../../errors/error.ts";
import { expandAll, type Tokens } from "../config/expansion.ts";
import { expanding, invalid } from "../config/invalid.ts";
import { endedBy } from "../config/shell.ts";
import { parseCertificate } from "../keys/certificate.ts";
import { fingerprint, type KnownHost, keyType, linesFor, parseKnownHosts } from "./known-hosts.ts";

export interface KnownHostsCommand {
  /** Unexpanded, with the tokens in `tokens` and those about a key. */
  words: string[];
  tokens: Tokens;
  location: Location;
}

/** The purpose of a KnownHostsCommand run, the value of `%I`. */
type Purpose = "ORDER" | "HOSTNAME";

interface Runs {
  env: Readonly<Record<string, string | undefined>>;
  note: ((line: string) => void) | undefined;
  signal: AbortSignal | undefined;
}

/**
 * The lines that KnownHostsCommand prints for a host; `key` is the host's key. A command that cannot be
 * started prints none, as in ssh; `note` is called.
 *
 * @throws BuildoutError `ssh-config-invalid` if it fails, `interrupted` once `signal` is aborted
 */
export async function askKnownHosts(
  { words, tokens, location }: KnownHostsCommand,
  name: string,
  key: Buffer | undefined,
  { env, note, signal }: Runs,
): Promise<KnownHost[]> {
  const purpose: Purpose = key === undefined ? "ORDER" : "HOSTNAME";
  const all = {
    // Before there is a key, ssh passes the host's own name, without port or HostKeyAlias.
    ...{ ...tokens, H: key === undefined ? tokens.h! : name, I: purpose },
    f: key === undefined ? "NONE" : fingerprint(parseCertificate(key)?.publicKey ?? key),
    K: key === undefined ? "NONE" : key.toString("base64"),
    t: key === undefined ? "NONE" : keyType(key),
  };
  const [program = "", ...rest] = words;
  const failed = (why: string) => `KnownHostsCommand failed: ${why}`;
  if (!isAbsolute(program)) {
    note?.(failed(`the path ${program} is not absolute`));
    return [];
  }
  const args = rest.map((word) =>
    expanding("KnownHostsCommand", location, () => expandAll(word, all, env)),
  );
  const output = await new Promise<string>((resolve, reject) => {
    const options = { env: { ...env }, encoding: "utf8" } as const;
    const child = execFile(program, args, options, (error, stdout) =>
      settled(() => {
        if (error === null) return resolve(stdout);
        // A string is the system's error on starting the command.
        if (typeof error.code !== "string") {
          return reject(invalid(failed(error.message.trim()), location));
        }
        note?.(failed(error.message.trim()));
        resolve("");
      }),
    );
    const settled = endedBy(signal, child, reject);
  });
  return linesFor(name, parseKnownHosts(output, program));
}
