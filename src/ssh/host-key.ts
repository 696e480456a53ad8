import { BuildoutError } from "../errors/error.ts";
import {
  addKnownHost,
  findKnownHosts,
  fingerprint,
  judge,
  type KnownHost,
  keyType,
} from "./known-hosts.ts";
import { quote } from "./quote.ts";
import type { Interaction, ResolvedTarget } from "./target.ts";

/** Strongest first; ssh2's names, without the SHA-1 and DSA ones. */
const ALGORITHMS = [
  "ssh-ed25519",
  "ecdsa-sha2-nistp256",
  "ecdsa-sha2-nistp384",
  "ecdsa-sha2-nistp521",
  "rsa-sha2-512",
  "rsa-sha2-256",
] as const;
export type HostKeyAlgorithm = (typeof ALGORITHMS)[number];

/** Decides about the key that a host presents; made before connecting, as it orders the offers. */
export interface HostKeyCheck {
  /** To offer to the server: types already known for this host first, so that they can be compared. */
  algorithms: HostKeyAlgorithm[];
  /**
   * Returns for a key to trust, having stored a new one.
   *
   * @throws BuildoutError `host-key-unknown`, `host-key-changed`, `host-key-revoked`
   */
  verify(key: Buffer, interaction: Interaction): Promise<void>;
}

export async function hostKeyCheck(
  target: ResolvedTarget,
  interaction: Interaction,
): Promise<HostKeyCheck> {
  const name = target.hostKeyName;
  const found = await findKnownHosts(target.knownHostsFiles, name);
  for (const authority of found.filter((entry) => entry.marker === "cert-authority")) {
    interaction.note?.(
      `${authority.file}:${authority.line}: host certificates are not supported; line ignored`,
    );
  }
  const known = new Set(found.filter((entry) => entry.marker === undefined).map((e) => e.type));
  const isKnown = (algorithm: HostKeyAlgorithm) =>
    known.has(algorithm.startsWith("rsa-") ? "ssh-rsa" : algorithm);
  return {
    algorithms: [...ALGORITHMS.filter(isKnown), ...ALGORITHMS.filter((a) => !isKnown(a))],
    async verify(key, asking) {
      const verdict = judge(found, key);
      if (verdict.kind === "revoked") throw revoked(target, name, key, verdict.entry);
      if (verdict.kind === "changed") throw changed(target, name, key, verdict.entry);
      if (verdict.kind === "unknown") await trust(target, name, key, asking);
    },
  };
}

async function trust(target: ResolvedTarget, name: string, key: Buffer, interaction: Interaction) {
  const print = fingerprint(key);
  const file = target.newKeysFile;
  if (target.unknownHostKeys === "refuse") {
    throw new BuildoutError("host-key-unknown", unknownMessage(target, key), {
      hint: `StrictHostKeyChecking is 'yes': add the key to ${file ?? "known_hosts"} once you have compared the fingerprint.`,
    });
  }
  if (target.unknownHostKeys === "ask") {
    if (interaction.confirm === undefined) {
      throw new BuildoutError("host-key-unknown", unknownMessage(target, key), {
        hint:
          "There is no terminal to ask on. Compare the fingerprint and connect once with ssh, " +
          "or accept keys of new hosts (accept-new).",
      });
    }
    const question =
      `The authenticity of host '${name}' cannot be established.\n` +
      `Its ${keyType(key)} key has the fingerprint ${print}.\nTrust it and go on?`;
    if (!(await interaction.confirm(question))) {
      throw new BuildoutError("host-key-unknown", unknownMessage(target, key), {
        hint: "The key was not accepted.",
      });
    }
  }
  if (file === undefined) return;
  await addKnownHost(file, name, key);
  interaction.note?.(`Added the ${keyType(key)} key of ${name} to ${file} (${print})`);
}

function unknownMessage(target: ResolvedTarget, key: Buffer): string {
  return (
    `The host key of ${target.host} port ${target.port} is not known: ` +
    `${keyType(key)} ${fingerprint(key)}`
  );
}

function changed(target: ResolvedTarget, name: string, key: Buffer, entry: KnownHost) {
  const old = fingerprint(Buffer.from(entry.key, "base64"));
  return new BuildoutError(
    "host-key-changed",
    `The host key of ${target.host} port ${target.port} has changed: ` +
      `it was ${entry.type} ${old}, it is ${keyType(key)} ${fingerprint(key)}`,
    {
      location: { file: entry.file, line: entry.line },
      hint:
        "Somebody may be listening in. If the host was set up anew, remove the old key: " +
        `ssh-keygen -f ${quote(entry.file)} -R ${quote(name)}`,
    },
  );
}

function revoked(target: ResolvedTarget, name: string, key: Buffer, entry: KnownHost) {
  return new BuildoutError(
    "host-key-revoked",
    `The host key of ${target.host} port ${target.port} is marked as revoked: ` +
      `${keyType(key)} ${fingerprint(key)}`,
    {
      location: { file: entry.file, line: entry.line },
      hint: `${name} must be given a new key.`,
    },
  );
}
