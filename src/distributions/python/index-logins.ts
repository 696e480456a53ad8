/**
 * Keeps logins of package indexes off command lines. To install build requirements, pip runs itself with
 * the URLs as arguments, which every user of a machine can read; but it also takes logins from a netrc
 * file.
 */
import { homedir } from "node:os";
import { join } from "node:path";
import { readRegularFile } from "../../system/regular-file.ts";
import { runProgram } from "./program.ts";

export interface SeparateLogins {
  /** URLs without the logins that are in the netrc file. */
  addresses: readonly string[];
  /** Lines of a netrc file; empty if no URL contains a login. */
  netrc: string;
  /** Hosts whose logins stay in their URLs, since a netrc file cannot hold them. */
  visible: readonly string[];
}

/** The warning about a host whose login is not separated. */
export function visibleLogin(host: string): string {
  return `pip shows the login of ${host} in the process list while it builds: a netrc file cannot hold it.`;
}

/** Split as in Python's urllib. */
const ADDRESS = /^(https?:\/\/)(?:([^/?#]*)@)?([^/?#@]*)(.*)$/i;

interface Login {
  host: string;
  user: string;
  password: string;
  plain: string;
}

/**
 * Separates URLs from their logins, for pip on Python `version`, called if it matters. A netrc file has one
 * login per host, whatever the port.
 */
export function separateLogins(
  addresses: readonly string[],
  version: () => string,
): SeparateLogins {
  const read = addresses.map(readLogin);
  const logins = new Map<string, string>();
  const visible = new Set<string>();
  for (const [at, one] of read.entries()) {
    if (one === undefined) continue;
    const line = netrcLine(one, version);
    const others = read.flatMap((other, index) =>
      index !== at && hostOf(addresses[index]!) === one.host ? [other] : [],
    );
    const isAlone = others.every(
      (other) => other?.user === one.user && other.password === one.password,
    );
    if (line !== undefined && isAlone) logins.set(one.host, line);
    else visible.add(one.host);
  }
  return {
    addresses: addresses.map((address, at) => {
      const one = read[at];
      return one !== undefined && logins.has(one.host) ? one.plain : address;
    }),
    netrc: [...logins.values()].join(""),
    visible: [...visible],
  };
}

function readLogin(address: string): Login | undefined {
  const [, scheme = "", login, place = "", rest = ""] = ADDRESS.exec(address) ?? [];
  if (login === undefined) return undefined;
  const [, user = "", password = ""] = /^([^:]*):?(.*)$/.exec(login)!;
  return {
    host: hostOf(address)!,
    user: unquoted(user),
    password: unquoted(password),
    plain: `${scheme}${place}${rest}`,
  };
}

/** Unquoted as in Python's urllib: invalid escapes are kept. */
function unquoted(text: string): string {
  const bytes = text.replace(/%([0-9a-f]{2})/gi, (_, code: string) =>
    String.fromCharCode(Number.parseInt(code, 16)),
  );
  return bytes === text ? text : Buffer.from(bytes, "latin1").toString("utf8");
}

function hostOf(address: string): string | undefined {
  return ADDRESS.exec(address)?.[3]?.replace(/:\d*$/, "").toLowerCase();
}

/** Undefined if pip on that version of Python would read something else. */
function netrcLine({ host, user, password }: Login, version: () => string): string | undefined {
  // Requests looks up the part before the first colon; pip expands variables in URLs.
  if (!/^[a-z0-9._-]+$/.test(host) || /\$\{[A-Z0-9_]+\}/.test(user + password)) return undefined;
  const isPlain = [user, password].every((word) => /^[!#-[\]-~]+$/.test(word));
  // Python's own netrc reads quotes, and entries that lack a password, since 3.11.
  if (!isPlain && Number(version().split(".")[1]) < 11) return undefined;
  const word = (text: string) => (isPlain ? text : `"${text.replace(/["\\]/g, "\\$&")}"`);
  return `machine ${host} login ${word(user)} password ${word(password)}\n`;
}

/** The text of a netrc file with these lines, and the user's own lines if Python can read them. */
export async function withOwnNetrc(
  netrc: string,
  executable: string,
  env: Readonly<Record<string, string | undefined>>,
): Promise<string> {
  const own = env.NETRC
    ? [env.NETRC]
    : [".netrc", "_netrc"].map((name) => join(env.HOME || homedir(), name));
  for (const file of own) {
    const text = await readRegularFile(file).catch(() => undefined);
    if (text === undefined) continue;
    const read = "import netrc, sys; netrc.netrc(sys.argv[1])";
    const { exitCode } = await runProgram({ command: [executable, "-c", read, file], cwd: "/" });
    // The last entry for a host counts.
    return exitCode === 0 ? `${text}\n\n${netrc}` : netrc;
  }
  return netrc;
}
