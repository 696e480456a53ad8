import { constants, createPublicKey, type KeyObject, verify } from "node:crypto";
import { WireReader, wireString } from "./wire.ts";

const SUFFIX = "-cert-v01@openssh.com";
/** The strings of a public key after its type (for a certificate: after the nonce). */
const FIELDS: Record<string, number> = {
  "ssh-ed25519": 1,
  "ssh-rsa": 2,
  "ssh-dss": 4,
  "ecdsa-sha2-nistp256": 2,
  "ecdsa-sha2-nistp384": 2,
  "ecdsa-sha2-nistp521": 2,
  "sk-ssh-ed25519": 2,
  "sk-ecdsa-sha2-nistp256": 3,
};

/** An OpenSSH certificate (PROTOCOL.certkeys of OpenSSH). */
export interface Certificate {
  /** The whole certificate in wire format. */
  blob: Buffer;
  type: string;
  /** The certified key as a plain public key. */
  publicKey: Buffer;
  kind: "user" | "host";
  id: string;
  principals: string[];
  /** Seconds since 1970. */
  validAfter: bigint;
  validBefore: bigint;
  /** Name -> value. */
  criticalOptions: ReadonlyMap<string, string>;
  authority: Buffer;
  signed: Buffer;
  signature: Buffer;
}

export function isCertificateType(type: string): boolean {
  return type.endsWith(SUFFIX);
}

/** The type of the keys that an algorithm signs with, without certificates. */
export function plainType(algorithm: string): string {
  const base = algorithm.replace(SUFFIX, "");
  if (/^rsa-sha2-/.test(base)) return "ssh-rsa";
  return base.startsWith("sk-") && !base.includes("@") ? `${base}@openssh.com` : base;
}

/** Whether `blob` has the form of a public key of that type. */
export function isPublicKey(type: string, blob: Buffer): boolean {
  const count = FIELDS[type.replace("@openssh.com", "")];
  if (count === undefined) return false;
  try {
    const reader = new WireReader(blob);
    if (reader.text() !== type) return false;
    const fields = Array.from({ length: count }, () => reader.string());
    return reader.isAtEnd && (type !== "ssh-ed25519" || fields[0]!.length === 32);
  } catch (error) {
    if (error instanceof RangeError) return false;
    throw error;
  }
}

/** undefined if it is not a readable certificate. */
export function parseCertificate(blob: Buffer): Certificate | undefined {
  try {
    return read(blob);
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

function read(blob: Buffer): Certificate | undefined {
  const reader = new WireReader(blob);
  const type = reader.text();
  if (!isCertificateType(type)) return undefined;
  const base = type.slice(0, -SUFFIX.length);
  const count = FIELDS[base];
  if (count === undefined) return undefined;
  reader.string();
  const fields = Array.from({ length: count }, () => wireString(reader.string()));
  const plainType = base.startsWith("sk-") ? `${base}@openssh.com` : base;
  reader.uint64();
  const kind = reader.uint32() === 2 ? "host" : "user";
  const id = reader.text();
  const principals = strings(reader.string());
  const [validAfter, validBefore] = [reader.uint64(), reader.uint64()];
  const criticalOptions = options(reader.string());
  reader.string();
  reader.string();
  const authority = reader.string();
  const signed = reader.consumed;
  return {
    ...{ blob, type, kind, id, principals, validAfter, validBefore, criticalOptions },
    publicKey: Buffer.concat([wireString(plainType), ...fields]),
    ...{ authority, signed, signature: reader.string() },
  };
}

function strings(data: Buffer): string[] {
  const reader = new WireReader(data);
  const found: string[] = [];
  while (!reader.isAtEnd) found.push(reader.text());
  return found;
}

/** Names, each with a value that is a string in a string. */
function options(data: Buffer): Map<string, string> {
  const reader = new WireReader(data);
  const found = new Map<string, string>();
  while (!reader.isAtEnd) {
    const name = reader.text();
    const value = reader.string();
    found.set(name, value.length === 0 ? "" : new WireReader(value).text());
  }
  return found;
}

/** The algorithm of a signature. */
export function signatureAlgorithm(signature: Buffer): string {
  return new WireReader(signature).text();
}

/** Verifies a signature of `data` with a public key. */
export function isSignedBy(publicKey: Buffer, data: Buffer, signature: Buffer): boolean {
  try {
    const reader = new WireReader(signature);
    const algorithm = reader.text();
    const raw = reader.string();
    const key = keyObject(publicKey);
    switch (algorithm) {
      case "ssh-ed25519":
        return key.asymmetricKeyType === "ed25519" && verify(null, data, key, raw);
      case "rsa-sha2-256":
      case "rsa-sha2-512": {
        const padded = { key, padding: constants.RSA_PKCS1_PADDING };
        return (
          key.asymmetricKeyType === "rsa" && verify(`sha${algorithm.slice(-3)}`, data, padded, raw)
        );
      }
      case "ecdsa-sha2-nistp256":
      case "ecdsa-sha2-nistp384":
      case "ecdsa-sha2-nistp521": {
        const [size, hash] = { 2: [32, "sha256"], 3: [48, "sha384"], 5: [66, "sha512"] }[
          algorithm[15] as "2" | "3" | "5"
        ] as [number, string];
        const numbers = new WireReader(raw);
        const joined = Buffer.concat([0, 1].map(() => fixed(numbers.string(), size)));
        const same = new WireReader(publicKey).text() === algorithm;
        return same && verify(hash, data, { key, dsaEncoding: "ieee-p1363" }, joined);
      }
      default:
        return false;
    }
  } catch {
    // Damaged data or an invalid key: not a valid signature.
    return false;
  }
}

/** A number with leading zeros as needed. */
function fixed(number: Buffer, size: number): Buffer {
  const bare = number.subarray(Math.max(0, number.length - size));
  return Buffer.concat([Buffer.alloc(size - bare.length), bare]);
}

function keyObject(publicKey: Buffer): KeyObject {
  const reader = new WireReader(publicKey);
  const type = reader.text();
  const base64 = (bytes: Buffer) => bytes.toString("base64url");
  if (type === "ssh-ed25519") {
    const x = base64(reader.string());
    return createPublicKey({ format: "jwk", key: { kty: "OKP", crv: "Ed25519", x } });
  }
  if (type === "ssh-rsa") {
    const [e, n] = [reader.string(), reader.string()].map((number) =>
      base64(number[0] === 0 ? number.subarray(1) : number),
    );
    return createPublicKey({ format: "jwk", key: { kty: "RSA", e: e!, n: n! } });
  }
  reader.string();
  const point = reader.string();
  const half = (point.length - 1) / 2;
  const crv = `P-${type.slice(-3)}`;
  const [x, y] = [point.subarray(1, 1 + half), point.subarray(1 + half)].map(base64);
  return createPublicKey({ format: "jwk", key: { kty: "EC", crv, x: x!, y: y! } });
}

/** The bits of an RSA key's modulus; undefined for other keys. */
export function rsaBits(publicKey: Buffer): number | undefined {
  const reader = new WireReader(publicKey);
  if (reader.text() !== "ssh-rsa") return undefined;
  reader.string();
  const number = reader.string();
  const bare = number[0] === 0 ? number.subarray(1) : number;
  return bare.length * 8 - Math.clz32(bare[0] ?? 0) + 24;
}
