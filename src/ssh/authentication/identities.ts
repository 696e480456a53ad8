import { stat } from "node:fs/promises";
import { userInfo } from "node:os";
import type { ParsedKey } from "ssh2";
import { BuildoutError, messageOf } from "../../errors/error.ts";
import { readRegularFile } from "../../system/regular-file.ts";
import { type Certificate, parseCertificate } from "../keys/certificate.ts";
import { WireReader } from "../keys/wire.ts";
import type { Identity } from "../target.ts";

type Ssh2 = typeof import("ssh2");

/** Bytes; keys and certificates are far smaller. */
const LARGEST_KEY = 1024 * 1024;

/** The content of a key file. */
export interface LoadedIdentity {
  path: string;
  /** The user asked for this key. */
  required: boolean;
  /** Undefined if the key is encrypted, on a token or exposed, or only its public half is available. */
  key: ParsedKey | undefined;
  /** The text of an encrypted private key. */
  encrypted: string | undefined;
  publicKey: Buffer | undefined;
  /** The private half never leaves a security key (FIDO). */
  onToken: boolean;
  /** The permissions of a private key that others can access, which ssh ignores, too: `0644`. */
  exposed: string | undefined;
}

/** Called for a skipped file; `reason` is undefined if the file does not exist. */
type OnLeftOut = (path: string, reason: string | undefined) => void;

/** @throws BuildoutError `identity-file-unreadable` for a key that the user asked for */
export async function loadIdentities(
  ssh2: Ssh2,
  identities: Identity[],
  onLeftOut: OnLeftOut,
): Promise<LoadedIdentity[]> {
  // In the order of the configuration, whichever file is read first.
  const leftOut: Parameters<OnLeftOut>[][] = identities.map(() => []);
  const loaded = await Promise.all(
    identities.map((one, at) => load(ssh2, one, (...reason) => leftOut[at]!.push(reason))),
  );
  for (const reason of leftOut.flat()) onLeftOut(...reason);
  return differing(loaded.filter((identity) => identity !== undefined));
}

/** Without duplicates: the same path, or the same key in another file. */
function differing(identities: LoadedIdentity[]): LoadedIdentity[] {
  const seen = new Set<string>();
  return identities.filter(({ path, key }) => {
    const names = [path, ...(key === undefined ? [] : [key.getPublicSSH().toString("base64")])];
    const isNew = !names.some((name) => seen.has(name));
    for (const name of names) seen.add(name);
    return isNew;
  });
}

async function load(
  ssh2: Ssh2,
  { path, required }: Identity,
  onLeftOut: OnLeftOut,
): Promise<LoadedIdentity | undefined> {
  let text: string;
  const beside = await blobIn(`${path}.pub`);
  const nothing = {
    ...{ path, required, key: undefined, encrypted: undefined, publicKey: beside },
    ...{ onToken: false, exposed: undefined },
  };
  let exposed: string | undefined;
  try {
    text = (await readRegularFile(path, LARGEST_KEY)).toString();
    exposed = await openPermissions(path);
  } catch (error) {
    const absent = (error as NodeJS.ErrnoException).code === "ENOENT";
    // Without its private half, a key can still be in the agent.
    if (absent && beside !== undefined) return nothing;
    if (!required) {
      onLeftOut(path, absent ? undefined : messageOf(error));
      return undefined;
    }
    throw new BuildoutError(
      "identity-file-unreadable",
      `Cannot read the key ${path}: ${absent ? "no such file" : messageOf(error)}`,
      { hint: "Check identity-file.", cause: error },
    );
  }
  const publicKey = beside ?? publicHalf(text);
  if (publicKey !== undefined && new WireReader(publicKey).text().startsWith("sk-")) {
    return { ...nothing, publicKey, onToken: true };
  }
  const key = ssh2.utils.parseKey(text);
  if (!(key instanceof Error)) {
    const known = { ...nothing, publicKey: key.getPublicSSH() };
    if (!key.isPrivateKey()) return known;
    return exposed === undefined ? { ...known, key } : { ...known, exposed };
  }
  if (/no passphrase given/i.test(key.message)) {
    const known = { ...nothing, publicKey };
    return exposed === undefined ? { ...known, encrypted: text } : { ...known, exposed };
  }
  if (!required) {
    onLeftOut(path, key.message);
    return undefined;
  }
  throw new BuildoutError(
    "identity-file-unreadable",
    `Cannot use the key ${path}: ${key.message}`,
    {
      hint: "identity-file must name a private key in OpenSSH or PEM format.",
    },
  );
}

/** The permissions, in octal, of our own file if others can access it. */
async function openPermissions(path: string): Promise<string | undefined> {
  const { uid, mode } = await stat(path);
  // As in ssh, files of other users are not checked. Without user ids, ours is -1.
  if (uid !== userInfo().uid || (mode & 0o077) === 0) return undefined;
  return (mode & 0o777).toString(8).padStart(4, "0");
}

/** The public key in a private one of OpenSSH's format, which is never encrypted. */
function publicHalf(text: string): Buffer | undefined {
  const base64 = /-----BEGIN OPENSSH PRIVATE KEY-----([^-]+)/.exec(text)?.[1];
  if (base64 === undefined) return undefined;
  try {
    const data = Buffer.from(base64, "base64");
    const reader = new WireReader(data.subarray("openssh-key-v1\0".length));
    for (let i = 0; i < 3; i++) reader.string();
    reader.uint32();
    return reader.string();
  } catch {
    // A damaged file: reading it as a private key reports the problem.
    return undefined;
  }
}

export interface OwnCertificate {
  path: string;
  certificate: Certificate;
}

/** The certificates for the user's keys: of CertificateFile, else `KEY-cert.pub` next to each key. */
export async function loadCertificates(
  identities: Identity[],
  files: string[],
): Promise<OwnCertificate[]> {
  const paths = files.length > 0 ? files : identities.map(({ path }) => `${path}-cert.pub`);
  const blobs = await Promise.all(paths.map(blobIn));
  return paths.flatMap((path, i) => {
    const certificate = blobs[i] && parseCertificate(blobs[i]);
    return certificate?.kind === "user" ? [{ path, certificate }] : [];
  });
}

/** A certificate for messages, with reasons why it may not be valid for `user`. */
export function described({ path, certificate }: OwnCertificate, user: string): string {
  const limits = limitsOf(certificate, user);
  return `certificate ${path}${limits === "" ? "" : ` (${limits})`}`;
}

/** Why a certificate may not be valid for `user`; empty if no reason is known. */
export function limitsOf(certificate: Certificate, user: string): string {
  const { validAfter, validBefore, principals, criticalOptions } = certificate;
  const now = BigInt(Math.floor(Date.now() / 1000));
  const sources = criticalOptions.get("source-address");
  const limits = [
    ...(validBefore <= now ? ["expired"] : []),
    ...(validAfter > now ? ["not valid yet"] : []),
    ...(principals.includes(user) ? [] : [`for ${principals.join(", ") || "nobody"}`]),
    ...(sources === undefined ? [] : [`only from ${sources}`]),
  ];
  return limits.join(", ");
}

/** The key or certificate of a `.pub` file; undefined if there is none. */
async function blobIn(path: string): Promise<Buffer | undefined> {
  try {
    const text = (await readRegularFile(path, LARGEST_KEY)).toString();
    const [, base64] = text.trim().split(/\s+/);
    const blob = Buffer.from(base64 ?? "", "base64");
    new WireReader(blob).string();
    return blob;
  } catch {
    // Optional: a .pub file is not required.
    return undefined;
  }
}
