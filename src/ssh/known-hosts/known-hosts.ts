import { createHash, createHmac, randomBytes } from "node:crypto";
import { constants } from "node:fs";
import { open } from "node:fs/promises";
import { dirname } from "node:path";
import { messageOf } from "../../errors/error.ts";
import { makeDirectory } from "../../system/make-directory.ts";
import { readRegularFile, refuseUnusualTarget } from "../../system/regular-file.ts";
import { matchesPatternList } from "../config/pattern.ts";
import { isPublicKey } from "../keys/certificate.ts";

/** One line of a known_hosts file (sshd(8), SSH_KNOWN_HOSTS FILE FORMAT). */
export interface KnownHost {
  file: string;
  /** From 1. */
  line: number;
  marker: "revoked" | "cert-authority" | undefined;
  /** Host patterns as written: a comma list, or one hashed name. */
  hosts: string;
  type: string;
  /** The public key, base64. */
  key: string;
}

/** The names of a line, after its marker. */
const NAMES = /^[ \t]*(?:@(?:revoked|cert-authority)[ \t]+)?([^ \t#@][^ \t]*)[ \t]/;
const LINE =
  /^[ \t]*(?:@(revoked|cert-authority)[ \t]+)?([^ \t#@][^ \t]*)[ \t]+([^ \t#][^ \t]*)[ \t]+([^ \t\r]+)/;

/** The verdict of known_hosts files on one key of one host. */
export type Verdict =
  | { kind: "known" }
  | { kind: "unknown" }
  | { kind: "revoked"; entry: KnownHost }
  | { kind: "changed"; entry: KnownHost };

/** The lines of known_hosts files that name each of `names`; missing or unreadable files have none, as in ssh. */
export async function findKnownHosts(
  files: string[],
  names: string[],
  note?: (line: string) => void,
): Promise<KnownHost[][]> {
  const texts = await Promise.all(
    files.map((file) =>
      readIfPresent(file).catch((error) => {
        note?.(`Cannot read ${file}: ${messageOf(error)}`);
        return "";
      }),
    ),
  );
  const isWanted = (hosts: string) => names.some((name) => matchesHost(hosts, name));
  const lines = files.flatMap((file, i) => parseKnownHosts(texts[i]!, file, isWanted));
  return names.map((name) => linesFor(name, lines));
}

/** The lines that match `name` and contain a key, with the key decoded. */
export function linesFor(name: string, lines: KnownHost[]): KnownHost[] {
  return lines
    .filter(({ hosts }) => matchesHost(hosts, name))
    .flatMap((line) => {
      const key = line.key.replace(/[\f\v\r]/g, "");
      const blob = Buffer.from(key, "base64");
      // Node accepts truncated base64, but ssh does not.
      const isWhole = blob.toString("base64") === key && isPublicKey(line.type, blob);
      return isWhole ? [{ ...line, key }] : [];
    });
}

/** The name of a host in known_hosts files: `host`, or `[host]:port` off port 22. */
export function knownHostName(host: string, port: number): string {
  return port === 22 ? host : `[${host}]:${port}`;
}

/** The lines whose names are `wanted`; keys of others, most lines in long files, are not parsed. */
export function parseKnownHosts(
  text: string,
  file: string,
  wanted: (hosts: string) => boolean = () => true,
): KnownHost[] {
  const entries: KnownHost[] = [];
  let line = 0;
  for (const content of text.split("\n")) {
    line++;
    const names = NAMES.exec(content);
    if (names === null || !wanted(names[1]!.split("\0", 1)[0]!)) continue;
    // A line ends at a zero byte, as in C; only spaces and tabs separate fields.
    const match = LINE.exec(content.split("\0", 1)[0]!);
    if (match === null) continue;
    const [, marker, hosts, type, key] = match;
    entries.push({
      file,
      line,
      marker: marker as KnownHost["marker"],
      hosts: hosts!,
      type: type!,
      key: key!,
    });
  }
  return entries;
}

/** Whether a comma list of patterns (`*`, `?`, `!`) or a hashed name (`|1|salt|hash`) matches `name`. */
export function matchesHost(hosts: string, name: string): boolean {
  const wanted = name.toLowerCase();
  if (hosts.startsWith("|1|")) {
    const [salt, hash] = hosts.slice(3).split("|");
    return salt !== undefined && hash === hmac(salt, wanted);
  }
  const lower = hosts.toLowerCase();
  // Without wildcards, a list only matches names that it contains.
  if (!/[*?]/.test(lower) && !lower.includes(wanted)) return false;
  return matchesPatternList(lower, wanted);
}

/** `entries` are the lines for the host, `key` is the host's key. */
export function judge(entries: KnownHost[], key: Buffer): Verdict {
  const text = key.toString("base64");
  const revoked = entries.find((entry) => entry.marker === "revoked" && entry.key === text);
  if (revoked !== undefined) return { kind: "revoked", entry: revoked };
  const plain = entries.filter((entry) => entry.marker === undefined);
  if (plain.some((entry) => entry.key === text)) return { kind: "known" };
  const type = keyType(key);
  const other = plain.find((entry) => entry.type === type) ?? plain[0];
  // The client requests the known types first, so another type means that the known key is gone.
  return other === undefined ? { kind: "unknown" } : { kind: "changed", entry: other };
}

/**
 * Adds a key with a single write; its name is hashed if `hash` is true or, if undefined, if the file has
 * hashed names.
 */
export async function addKnownHost(
  file: string,
  name: string,
  key: Buffer,
  hash?: boolean,
): Promise<void> {
  await refuseUnusualTarget(file);
  makeDirectory(dirname(file), 0o700);
  const text = await readIfPresent(file);
  const hashed = hash ?? /^\|1\|/m.test(text);
  const salt = randomBytes(20).toString("base64");
  const lower = name.toLowerCase();
  const hosts = hashed ? `|1|${salt}|${hmac(salt, lower)}` : lower;
  const line = `${hosts} ${keyType(key)} ${key.toString("base64")}\n`;
  const separator = text === "" || text.endsWith("\n") ? "" : "\n";
  const { O_WRONLY, O_APPEND, O_CREAT, O_NONBLOCK = 0 } = constants;
  const handle = await open(file, O_WRONLY | O_APPEND | O_CREAT | O_NONBLOCK, 0o600);
  const { size } = await handle.stat();
  try {
    await handle.appendFile(separator + line).catch(async (error) => {
      // A line truncated by a full disk would corrupt the next one.
      const taken = (await handle.stat()).size - size;
      if (taken > 0 && taken < separator.length + line.length) await handle.truncate(size);
      throw error;
    });
    await handle.sync().catch(() => {
      // The key is written; a file such as /dev/null cannot be flushed, and need not be.
    });
  } finally {
    await handle.close();
  }
}

/** `SHA256:...` as printed by ssh-keygen. */
export function fingerprint(key: Buffer): string {
  return `SHA256:${createHash("sha256").update(key).digest("base64").replace(/=+$/, "")}`;
}

/** The type at the start of a public key in wire format (RFC 4253, 6.6). */
export function keyType(key: Buffer): string {
  return key.toString("latin1", 4, 4 + key.readUInt32BE(0));
}

async function readIfPresent(file: string): Promise<string> {
  try {
    return (await readRegularFile(file)).toString();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return "";
    throw error;
  }
}

function hmac(salt: string, name: string): string {
  return createHmac("sha1", Buffer.from(salt, "base64")).update(name).digest("base64");
}
