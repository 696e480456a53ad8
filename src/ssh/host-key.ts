import { BuildoutError, messageOf } from "../errors/error.ts";
import { readRegularFile } from "../system/regular-file.ts";
import { quote } from "./commands/quote.ts";
import { invalid } from "./config/invalid.ts";
import {
  type Certificate,
  isCertificateType,
  parseCertificate,
  rsaBits,
} from "./keys/certificate.ts";
import { objection } from "./known-hosts/host-certificate.ts";
import {
  addKnownHost,
  findKnownHosts,
  fingerprint,
  judge,
  type KnownHost,
  keyType,
} from "./known-hosts/known-hosts.ts";
import { askKnownHosts } from "./known-hosts/known-hosts-command.ts";
import type { Offers } from "./offers.ts";
import { isLoopback } from "./reach.ts";
import type { Interaction, ResolvedTarget } from "./target.ts";

/** Decides about the key that a host presents; made before connecting, as it orders the offers. */
export interface HostKeyCheck {
  /**
   * To offer to the server: types already known for this host first, so that they can be compared;
   * certificates only where an authority is known.
   */
  algorithms: string[];
  /**
   * Returns for a key or certificate to trust, having stored a new key.
   *
   * @throws BuildoutError `host-key-unknown`, `host-key-changed`, `host-key-revoked`
   */
  verify(key: Buffer, interaction: Interaction): Promise<void>;
  /** Whether `verify` has returned for this very key. */
  isTrusted(key: Buffer): boolean;
}

export async function hostKeyCheck(
  target: ResolvedTarget,
  interaction: Interaction,
  offers: Pick<Offers, "hostKeys" | "authorities">,
): Promise<HostKeyCheck> {
  const { hostKeyName: name, knownHostsFiles, knownHostsCommand: command } = target;
  const { note, env, signal } = interaction;
  const runs = { env, note, signal };
  const [inFiles, revokedKeys, ordered] = await Promise.all([
    findKnownHosts(knownHostsFiles, name, note),
    readRevoked(target),
    command === undefined ? [] : askKnownHosts(command, name, undefined, runs),
  ]);
  const found = [...inFiles, ...ordered];
  let trusted: Buffer | undefined;
  return {
    algorithms: orderedOffers(target, found, offers.hostKeys),
    isTrusted: (key) => trusted?.equals(key) ?? false,
    async verify(key, asking) {
      const certificate = parseCertificate(key);
      const plain = certificate?.publicKey ?? key;
      const further = command && (await askKnownHosts(command, name, key, runs));
      const entries = [...inFiles, ...(further ?? [])];
      refuseRevoked(target, name, [plain, certificate?.authority], entries, revokedKeys);
      refuseSmall(target, plain);
      const isFree = target.trustLoopback && isLoopback(target.hostName);
      if (!isFree && !isCertified(target, certificate, entries, offers.authorities)) {
        await judged(target, name, plain, entries, asking);
      }
      trusted = key;
    },
  };
}

function orderedOffers(target: ResolvedTarget, found: KnownHost[], offers: string[]): string[] {
  const authorities = found.some(({ marker }) => marker === "cert-authority");
  const usable = offers.filter((name) => authorities || !isCertificateType(name));
  // An order that the user has given stands.
  const spec = target.algorithms.hostKeys?.values[0];
  if (spec !== undefined && !/^[+-]/.test(spec)) return usable;
  const known = new Set(found.filter(({ marker }) => marker === undefined).map(({ type }) => type));
  const isKnown = (algorithm: string) =>
    isCertificateType(algorithm) || known.has(algorithm.startsWith("rsa-") ? "ssh-rsa" : algorithm);
  return [...usable.filter(isKnown), ...usable.filter((name) => !isKnown(name))];
}

/** Whether an authority that is known for the host vouches for its key. */
function isCertified(
  target: ResolvedTarget,
  certificate: Certificate | undefined,
  entries: KnownHost[],
  algorithms: readonly string[],
): boolean {
  const authority = certificate?.authority.toString("base64");
  const entry = entries.find(({ marker, key }) => marker === "cert-authority" && key === authority);
  if (certificate === undefined || entry === undefined) return false;
  // The names in certificates have no port.
  const name = target.hostKeyName.replace(/^\[(.+)\]:\d+$/, "$1");
  const why = objection(certificate, name, algorithms);
  if (why === undefined) return true;
  throw new BuildoutError(
    "host-key-unknown",
    `The certificate '${certificate.id}' does not prove that this is ${name}: ${why}`,
    {
      location: { file: entry.file, line: entry.line },
      hint: "Have the host's key signed anew by its authority.",
    },
  );
}

function refuseRevoked(
  target: ResolvedTarget,
  name: string,
  keys: (Buffer | undefined)[],
  entries: KnownHost[],
  revokedKeys: KnownHost[],
): void {
  for (const key of keys) {
    if (key === undefined) continue;
    const verdict = judge([...entries, ...revokedKeys], key);
    if (verdict.kind === "revoked") throw revoked(target, name, key, verdict.entry);
  }
}

function refuseSmall(target: ResolvedTarget, key: Buffer): void {
  const bits = rsaBits(key);
  if (bits === undefined || bits >= target.requiredRsaSize) return;
  throw new BuildoutError(
    "handshake-failed",
    `The RSA key of ${target.host} port ${target.port} has ${bits} bits, which is too few.`,
    {
      hint: `At least ${target.requiredRsaSize} are needed (RequiredRSASize): make a new key there.`,
    },
  );
}

async function judged(
  target: ResolvedTarget,
  name: string,
  key: Buffer,
  entries: KnownHost[],
  asking: Interaction,
): Promise<void> {
  const verdict = judge(entries, key);
  if (verdict.kind === "known") return;
  if (verdict.kind === "changed") throw changed(target, name, key, verdict.entry);
  // A key stored without the port is good for every port, as for ssh.
  if (name.startsWith("[") && name !== target.hostName) {
    const portless = await findKnownHosts(target.knownHostsFiles, target.hostName);
    if (judge(portless, key).kind === "known") return;
  }
  await trust(target, name, key, asking);
}

/** The keys of RevokedHostKeys. */
async function readRevoked({
  revokedKeysFile: file,
  settings,
}: ResolvedTarget): Promise<KnownHost[]> {
  if (file === undefined) return [];
  const location = settings.find(({ keyword }) => keyword.name === "RevokedHostKeys")?.location;
  const bytes = await readRegularFile(file).catch((error) => {
    throw invalid(`Cannot read the revoked keys of ${file}: ${messageOf(error)}`, location);
  });
  const text = bytes.toString("latin1");
  if (text.startsWith("SSHKRL")) {
    throw invalid(
      `${file} is a binary list of revoked keys, which cannot be read.`,
      location,
      "List the public keys in a text file, one a line.",
    );
  }
  return text.split("\n").flatMap((content, i) => {
    const [type, key] = content.trim().split(/\s+/);
    if (type === undefined || key === undefined || type.startsWith("#")) return [];
    return [{ file, line: i + 1, marker: "revoked" as const, hosts: "*", type, key }];
  });
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
  try {
    await addKnownHost(file, name, key, target.hashNames);
    interaction.note?.(`Added the ${keyType(key)} key of ${name} to ${file} (${print})`);
  } catch (error) {
    // The key is trusted already: where it cannot be stored, the question comes again next time.
    interaction.note?.(`Cannot store the ${keyType(key)} key of ${name}: ${messageOf(error)}`);
  }
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
