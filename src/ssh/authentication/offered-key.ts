import type { ParsedKey } from "ssh2";
import {
  type Certificate,
  isCertificateType,
  parseCertificate,
  rsaBits,
} from "../keys/certificate.ts";
import { WireReader, wireString } from "../keys/wire.ts";
import { signByAgent } from "./agent.ts";

/** A key or certificate to offer to a host. */
export interface OfferedKey {
  /** For messages. */
  name: string;
  /** The public key or the certificate. */
  blob: Buffer;
  /** The public key without a certificate around it. */
  publicKey: Buffer;
  /** The algorithms it can sign with, in wire format, best first. */
  algorithms: string[];
  /** Signing involves neither an agent nor a person. */
  signsAtOnce: boolean;
  /** The signature as it is sent: algorithm and signature. */
  sign(data: Buffer, algorithm: string): Promise<Buffer>;
}

const CERTIFICATE = "-cert-v01@openssh.com";

/** The algorithms of a key or certificate by its type; `sha1` allows it for RSA keys. */
function algorithmsOf(blob: Buffer, sha1: boolean): string[] {
  const type = new WireReader(blob).text();
  const suffix = isCertificateType(type) ? CERTIFICATE : "";
  if (!type.startsWith("ssh-rsa")) return [type];
  return ["rsa-sha2-512", "rsa-sha2-256", ...(sha1 ? ["ssh-rsa"] : [])].map(
    (algorithm) => algorithm + suffix,
  );
}

/** A local private key, alone or with a certificate. */
export function localKey(
  name: string,
  key: ParsedKey,
  sha1: boolean,
  certificate?: Certificate,
): OfferedKey {
  const publicKey = key.getPublicSSH();
  const blob = certificate?.blob ?? publicKey;
  return {
    ...{ name, blob, publicKey, algorithms: algorithmsOf(blob, sha1), signsAtOnce: true },
    async sign(data, algorithm) {
      const plain = algorithm.replace(CERTIFICATE, "");
      const hash = { "rsa-sha2-512": "sha512", "rsa-sha2-256": "sha256" }[plain];
      const raw: Buffer | Error = (key.sign as (data: Buffer, hash?: string) => Buffer)(data, hash);
      if (raw instanceof Error) throw raw;
      const signature = plain.startsWith("ecdsa") ? numbersOf(raw) : raw;
      return Buffer.concat([wireString(plain), wireString(signature)]);
    },
  };
}

/** A key or certificate whose private half is in the agent at `socket`; `blob` is its form in the agent. */
export function agentKey(name: string, socket: string, blob: Buffer, sha1: boolean): OfferedKey {
  return {
    ...{ name, blob, publicKey: parseCertificate(blob)?.publicKey ?? blob },
    algorithms: algorithmsOf(blob, sha1),
    signsAtOnce: false,
    sign: (data, algorithm) => signByAgent(socket, blob, data, algorithm),
  };
}

/** A certificate for a key that the agent has alone. */
export function certifiedAgentKey(
  key: OfferedKey,
  certificate: Certificate,
  sha1: boolean,
): OfferedKey {
  return {
    ...key,
    blob: certificate.blob,
    algorithms: algorithmsOf(certificate.blob, sha1),
    sign: (data, algorithm) => key.sign(data, algorithm.replace(CERTIFICATE, "")),
  };
}

/** Those of `keys` that may be offered; RSA keys with too few bits are reported. */
export function usable(
  keys: OfferedKey[],
  accepted: readonly string[],
  requiredRsaSize: number,
): { allowed: OfferedKey[]; small: string[] } {
  const bits = (key: OfferedKey) => rsaBits(key.publicKey) ?? requiredRsaSize;
  return {
    allowed: keys
      .filter((key) => bits(key) >= requiredRsaSize)
      .map((key) => ({
        ...key,
        algorithms: key.algorithms.filter((name) => accepted.includes(name)),
      }))
      .filter(({ algorithms }) => algorithms.length > 0),
    small: keys
      .filter((key) => bits(key) < requiredRsaSize)
      .map(
        (key) =>
          `${key.name} (not offered: ${bits(key)} bits, RequiredRSASize asks for ${requiredRsaSize})`,
      ),
  };
}

/** The two numbers of an ECDSA signature, from DER to SSH's form. */
function numbersOf(der: Buffer): Buffer {
  let at = der[1]! & 0x80 ? 2 + (der[1]! & 0x7f) : 2;
  const number = () => {
    const length = der[at + 1]!;
    const value = der.subarray(at + 2, at + 2 + length);
    at += 2 + length;
    return wireString(value);
  };
  return Buffer.concat([number(), number()]);
}
