import type { Client } from "ssh2";
import { matchesPattern } from "../config/pattern.ts";
import { type Certificate, isSignedBy, signatureAlgorithm } from "../keys/certificate.ts";

/** Of ssh2's key exchange; the tests would notice if it went away. */
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
 * Offers `algorithms`, among them those of certificates, which ssh2 does not let through by itself.
 * To be called before the host's first words arrive.
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
 * Lets the key exchange go on with the key inside a certificate: the exchange is hashed with the
 * certificate, its signature is made with the key.
 */
export function acceptCertificate(client: Client, { blob, publicKey, type }: Certificate): void {
  const exchange = protocolOf(client)._kex;
  let isHashed = false;
  Object.defineProperty(exchange, "_hostKey", {
    // The hash comes first; what is read after it is for the signature.
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

/** Why a certificate does not prove that a host is `name`; undefined where it does. */
export function objection(
  certificate: Certificate,
  name: string,
  algorithms: readonly string[],
): string | undefined {
  const now = BigInt(Math.floor(Date.now() / 1000));
  const { kind, principals, validAfter, validBefore, criticalOptions } = certificate;
  if (kind !== "host") return "it is the certificate of a user";
  if (now < validAfter) return "it is not valid yet";
  if (now >= validBefore) return "it has expired";
  const [option] = criticalOptions.keys();
  if (option !== undefined) return `it has the unknown option ${option}`;
  // Without names it is good for every host, as for ssh.
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
