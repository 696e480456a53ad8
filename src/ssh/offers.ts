import { algorithmList } from "./config/algorithms.ts";
import { invalid } from "./config/invalid.ts";
import type { Setting } from "./config/settings.ts";
import type { ResolvedTarget } from "./target.ts";

/** Strongest first. */
const HOST_KEYS = [
  "ssh-ed25519",
  "ecdsa-sha2-nistp256",
  "ecdsa-sha2-nistp384",
  "ecdsa-sha2-nistp521",
  "rsa-sha2-512",
  "rsa-sha2-256",
];
/** Host certificate types; ssh2 cannot be extended to those of RSA keys. */
const HOST_CERTIFICATES = HOST_KEYS.filter((name) => !name.startsWith("rsa")).map(certificateOf);
const TOKEN_KEYS = ["sk-ssh-ed25519", "sk-ecdsa-sha2-nistp256"];
const USER_KEYS = [
  ...[...HOST_KEYS, ...TOKEN_KEYS].map(certificateOf),
  ...HOST_KEYS,
  ...TOKEN_KEYS.map((name) => `${name}@openssh.com`),
];
const SHA1_KEYS = ["ssh-rsa"];

/** What is offered to a host. */
export interface Offers {
  kex: string[];
  cipher: string[];
  hmac: string[];
  compress: string[];
  /** Keys and certificates of hosts. */
  hostKeys: string[];
  /** Signature algorithms for user keys. */
  userKeys: string[];
  /** Signature algorithms for authorities. */
  authorities: string[];
}

/**
 * The algorithms for a host: current ones, all with `legacyAlgorithms`, or those in the configuration.
 *
 * @throws BuildoutError `ssh-config-invalid` if none are left
 */
export async function offersTo(target: ResolvedTarget): Promise<Offers> {
  const { default: known } = await import("ssh2/lib/protocol/constants.js");
  const { algorithms: specs, legacyAlgorithms: legacy, compression } = target;
  const list = (setting: Setting | undefined, strong: string[], all: string[]) => {
    const names = algorithmList(setting?.values[0], legacy ? all : strong, all);
    if (names.length > 0) return names;
    throw invalid(
      `${setting?.keyword.name}: none of '${setting?.values[0]}' can be used.`,
      setting?.location,
      `Choose from: ${all.join(", ")}`,
    );
  };
  const late = ["zlib@openssh.com", ...(legacy ? ["zlib"] : [])];
  const hostKeys = [...HOST_CERTIFICATES, ...HOST_KEYS];
  const sha1 = legacy ? SHA1_KEYS : [];
  return {
    kex: list(specs.kex, known.DEFAULT_KEX.filter(isStrong), known.SUPPORTED_KEX),
    cipher: list(specs.ciphers, known.DEFAULT_CIPHER, known.SUPPORTED_CIPHER),
    hmac: list(specs.macs, known.DEFAULT_MAC.filter(isStrong), known.SUPPORTED_MAC),
    compress: compression ? [...late, "none"] : ["none", ...late],
    hostKeys: list(specs.hostKeys, hostKeys, [
      ...hostKeys,
      ...known.SUPPORTED_SERVER_HOST_KEY.filter((name) => !HOST_KEYS.includes(name)),
    ]),
    userKeys: list(specs.userKeys, USER_KEYS, [
      ...USER_KEYS,
      ...[...SHA1_KEYS, ...SHA1_KEYS.map(certificateOf)],
    ]),
    authorities: list(specs.authorities, HOST_KEYS, [...HOST_KEYS, ...sha1]),
  };
}

function isStrong(name: string): boolean {
  return !name.includes("sha1");
}

function certificateOf(name: string): string {
  return `${name}-cert-v01@openssh.com`;
}
