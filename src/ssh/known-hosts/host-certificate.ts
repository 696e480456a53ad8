import type { Client } from "ssh2";
import { matchesPattern } from "../config/pattern.ts";
import { type Certificate, isSignedBy, signatureAlgorithm } from "../keys/certificate.ts";

/** Internals of ssh2's key exchange; tests check that they exist. */
interface KeyExchange {
  negotiated: { serverHostKey: string };
  _hostKey: Buffer;
}
interface Protocol {
  _kex: KeyExchange;
  _offer: {
    lists: Record<string, unknown>;
    constructor: new (lists: object) => Protocol["_offer"];
  };
}

const protocolOf = (client: Client) => (client as unknown as { _protocol: Protocol })._protocol;

/**
 * Offers `algorithms`, including those of certificates, which ssh2 does not support. Call this before the
 * host's first packet arrives.
 */
export function offerHostKeys(client: Client, algorithms: string[]): void {
  const protocol = protocolOf(client);
  const { lists } = protocol._offer;
  type Entry = { array: string[] };
  const side = (name: "cs" | "sc") =>
    Object.fromEntries(
      Object.entries(lists[name] as Record<string, Entry>).map(([key, { array }]) => [key, array]),
    );
  const Offer = protocol._offer.constructor;
  const kex = (lists.kex as Entry).array;
  protocol._offer = new Offer({ kex, serverHostKey: algorithms, cs: side("cs"), sc: side("sc") });
}

/**
 * Continues the key exchange with the key inside a certificate: the exchange is hashed with the
 * certificate, but signed with the key.
 */
export function acceptCertificate(client: Client, { blob, publicKey, type }: Certificate): void {
  const exchange = protocolOf(client)._kex;
  let isHashed = false;
  Object.defineProperty(exchange, "_hostKey", {
    // The hash comes first; later reads are for the signature.
    get: () => {
      if (isHashed) return publicKey;
      isHashed = true;
      return blob;
    },
    set: () => {
      // ssh2 forgets the key at the end.
    },
  });
  exchange.negotiated.serverHostKey = type.replace("-cert-v01@openssh.com", "");
}

/** Why a certificate does not prove that a host is `name`; undefined if it does. */
export function objection(
  certificate: Certificate,
  name: string,
  algorithms: readonly string[],
): string | undefined {
  const now = BigInt(Math.floor(Date.now() / 1000));
  const { kind, principals, validAfter, validBefore, criticalOptions } = certificate;
  if (kind !== "host") return "it is a user certificate";
  if (now < validAfter) return "it is not valid yet";
  if (now >= validBefore) return "it has expired";
  const [option] = criticalOptions.keys();
  if (option !== undefined) return `it has the unknown option ${option}`;
  // Without names, it is valid for every host, as in ssh.
  if (principals.length > 0 && !principals.some((one) => matchesPattern(one, name))) {
    return `it is for ${principals.join(", ")}`;
  }
  if (!algorithms.includes(signatureAlgorithm(certificate.signature))) {
    return `it is signed with ${signatureAlgorithm(certificate.signature)}`;
  }
  return isSignedBy(certificate.authority, certificate.signed, certificate.signature)
    ? undefined
    : "its signature is wrong";
}
