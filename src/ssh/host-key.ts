/** Over 300 lines: one decision, with a message for each refusal. */
import { BuildoutError, messageOf } from "../errors/error.ts";
import { readRegularFile } from "../system/regular-file.ts";
import { quote } from "./commands/quote.ts";
import { invalid } from "./config/invalid.ts";
import {
  type Certificate,
  isCertificateType,
  parseCertificate,
  plainType,
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
  type Verdict,
} from "./known-hosts/known-hosts.ts";
import { askKnownHosts } from "./known-hosts/known-hosts-command.ts";
import type { Offers } from "./offers.ts";
import { isLoopback } from "./reach.ts";
import type { Interaction, ResolvedTarget } from "./target.ts";

/** Decides about a host's key; created before connecting, because it orders the offers. */
export interface HostKeyCheck {
  /**
   * Offers for the server: known types of this host first, so that keys can be compared, and certificates
   * before all if an authority is known.
   */
  algorithms: string[];
  /**
   * Returns if a key or certificate is trusted, after storing a new key. `address` is the host's, for a
   * direct connection.
   *
   * @throws BuildoutError `host-key-unknown`, `host-key-changed`, `host-key-revoked`
   */
  verify(key: Buffer, interaction: Interaction, address: string | undefined): Promise<void>;
  /** Whether `verify` has accepted this key. */
  isTrusted(key: Buffer): boolean;
}

export async function hostKeyCheck(
  target: ResolvedTarget,
  interaction: Interaction,
  offers: Pick<Offers, "hostKeys" | "authorities">,
): Promise<HostKeyCheck> {
  const { hostKeyName: name, portlessName, knownHostsFiles, knownHostsCommand: command } = target;
  const { note, env, signal } = interaction;
  const runs = { env, note, signal };
  const names = portlessName === undefined ? [name] : [name, portlessName];
  const [[inFiles = [], portless], revokedKeys, ordered] = await Promise.all([
    findKnownHosts(knownHostsFiles, names, note),
    readRevoked(target),
    command === undefined || hasOrder(target) ? [] : askKnownHosts(command, name, undefined, runs),
  ]);
  const found = [...inFiles, ...ordered];
  let trusted: Buffer | undefined;
  return {
    algorithms: orderedOffers(target, found, offers.hostKeys),
    isTrusted: (key) => trusted?.equals(key) ?? false,
    async verify(key, asking, address) {
      const certificate = parseCertificate(key);
      const plain = certificate?.publicKey ?? key;
      const isFree = target.trustLoopback && address !== undefined && isLoopback(address);
      const further = command && !isFree ? await askKnownHosts(command, name, key, runs) : [];
      // In ssh, only RevokedHostKeys still applies if the host may have any key.
      const entries = isFree ? [] : [...inFiles, ...further];
      refuseRevoked(target, name, [plain, certificate?.authority], entries, revokedKeys);
      refuseSmall(target, plain);
      if (!isFree) {
        const presented = { plain, certificate, authorities: offers.authorities };
        const { verdict, objections } = judged(target, presented, entries, portless);
        if (verdict.kind === "changed") throw changed(target, name, plain, verdict.entry);
        if (verdict.kind === "unknown") {
          await inTurn(`${target.newKeysFile}\n${name}`, async () => {
            // Another login of this run may have stored it meanwhile.
            const [now = []] = await findKnownHosts(knownHostsFiles, [name]);
            const { kind } = judge(now, plain);
            if (kind !== "known") await trust(target, name, plain, objections, asking);
          });
        }
        for (const objection of objections) note?.(objection);
      }
      trusted = key;
    },
  };
}

/** Whether the user has set an order, which is kept. */
function hasOrder(target: ResolvedTarget): boolean {
  const spec = target.algorithms.hostKeys?.values[0];
  return spec !== undefined && !/^[+-]/.test(spec);
}

/** The order of ssh: types known for the host first, unless the best type is among them. */
function orderedOffers(target: ResolvedTarget, found: KnownHost[], offers: string[]): string[] {
  if (hasOrder(target)) return offers;
  const types = found.filter(({ marker }) => marker === undefined).map(({ type }) => type);
  const known = new Set(types);
  const isKnown = (algorithm: string) => known.has(plainType(algorithm));
  if (isKnown(offers[0] ?? "")) return offers;
  const certified = found.some(({ marker }) => marker === "cert-authority");
  const isFirst = (name: string) => isKnown(name) || (certified && isCertificateType(name));
  return [...offers.filter(isFirst), ...offers.filter((name) => !isFirst(name))];
}

interface Presented {
  plain: Buffer;
  certificate: Certificate | undefined;
  /** Signature algorithms for authorities. */
  authorities: readonly string[];
}

/**
 * The verdict of known_hosts lines on a host's key; `portless` are those for the host at any port, used if
 * the others do not apply. As in ssh, an invalid certificate counts as its plain key; `objections` are the
 * reasons.
 */
function judged(
  target: ResolvedTarget,
  { plain, certificate, authorities }: Presented,
  entries: KnownHost[],
  portless: KnownHost[] | undefined,
): { verdict: Verdict; objections: string[] } {
  const objections: string[] = [];
  if (certificate !== undefined) {
    const known = entries.filter(({ marker }) => marker === "cert-authority");
    const authority = certificate.authority.toString("base64");
    const entry = known.find(({ key }) => key === authority);
    if (entry !== undefined) {
      // Names in certificates have no port.
      const name = target.hostKeyName.replace(/^\[(.+)\]:\d+$/, "$1");
      const why = objection(certificate, name, authorities);
      if (why === undefined) return { verdict: { kind: "known" }, objections };
      objections.push(
        `The certificate '${certificate.id}' does not prove that this is ${name}: ${why} ` +
          `(authority of ${entry.file}:${entry.line})`,
      );
    } else if (known.length === 0 && portless !== undefined && !isRevoked(certificate, portless)) {
      const at = judged(target, { plain, certificate, authorities }, portless, undefined);
      if (at.verdict.kind === "known") return at;
      objections.push(...at.objections);
    }
  }
  const verdict = judge(entries, plain);
  const isElsewhere = portless !== undefined && judge(portless, plain).kind === "known";
  return {
    verdict: verdict.kind === "unknown" && isElsewhere ? { kind: "known" } : verdict,
    objections,
  };
}

function isRevoked({ publicKey, authority }: Certificate, entries: KnownHost[]): boolean {
  return [publicKey, authority].some((key) => judge(entries, key).kind === "revoked");
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
    `The RSA key of ${target.host} port ${target.port} has ${bits} bits, which is not enough.`,
    {
      hint: `At least ${target.requiredRsaSize} are required (RequiredRSASize): make a new key there.`,
    },
  );
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
      "List the public keys in a text file, one per line.",
    );
  }
  return text.split("\n").flatMap((content, i) => {
    const [type, key] = content.trim().split(/\s+/);
    if (type === undefined || key === undefined || type.startsWith("#")) return [];
    return [{ file, line: i + 1, marker: "revoked" as const, hosts: "*", type, key }];
  });
}

/** The end of the last work for each host. */
const turns = new Map<string, Promise<void>>();

/** Does `work` after all earlier work for the same host has ended, successfully or not. */
async function inTurn(host: string, work: () => Promise<void>): Promise<void> {
  const own = (turns.get(host) ?? Promise.resolve()).then(work);
  const over = own.catch(() => {});
  turns.set(host, over);
  try {
    await own;
  } finally {
    if (turns.get(host) === over) turns.delete(host);
  }
}

async function trust(
  target: ResolvedTarget,
  name: string,
  key: Buffer,
  objections: string[],
  interaction: Interaction,
) {
  const print = fingerprint(key);
  const file = target.newKeysFile;
  const unknown = (hint: string) => {
    const message =
      `The host key of ${target.host} port ${target.port} is not known: ` +
      `${keyType(key)} ${print}`;
    return new BuildoutError("host-key-unknown", [message, ...objections].join("; "), { hint });
  };
  if (target.unknownHostKeys === "refuse") {
    throw unknown(
      `StrictHostKeyChecking is 'yes': compare the fingerprint, then add the key to ${file ?? "known_hosts"}.`,
    );
  }
  // As in ssh: a key that cannot be stored would be new each time.
  if (file === undefined) {
    throw unknown("UserKnownHostsFile is 'none', so new keys are refused: set it to a file.");
  }
  if (target.unknownHostKeys === "ask") {
    if (interaction.confirm === undefined) {
      throw unknown(
        "There is no terminal to ask on. Compare the fingerprint and connect once with ssh, " +
          "or accept keys of new hosts (accept-new).",
      );
    }
    const question = [
      `The authenticity of host '${name}' cannot be established.`,
      ...objections,
      `Its ${keyType(key)} key has the fingerprint ${print}.`,
      "Trust it and continue?",
    ];
    if (!(await interaction.confirm(question.join("\n")))) {
      throw unknown("The key was not accepted.");
    }
  }
  try {
    await addKnownHost(file, name, key, target.hashNames);
    const told = `the ${keyType(key)} key of ${name}`;
    interaction.note?.(
      file === "/dev/null"
        ? `Trusting ${told} for this run (${print})`
        : `Added ${told} to ${file} (${print})`,
    );
  } catch (error) {
    // The key is already trusted: if it cannot be stored, the question is repeated next time.
    interaction.note?.(
      `Cannot store the ${keyType(key)} key of ${name} in ${file}: ${messageOf(error)}`,
    );
  }
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
        "Somebody may be eavesdropping. If the host was reinstalled, remove the old key: " +
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
      hint: `${name} needs a new key.`,
    },
  );
}
