import type { BaseAgent, Client, ParsedKey } from "ssh2";
import { messageOf } from "../../errors/error.ts";
import { wireString } from "../keys/wire.ts";
import { type Answering, EarlyRequest } from "./early-request.ts";
import type { OfferedKey } from "./offered-key.ts";

/** Any key will do: ssh2 only checks the class of the object. */
const ANY_KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIMLKEGgGxH1oYIVYgVGFzBJJnbgaDEaw4LMmKSSTDXjp";
const USERAUTH_REQUEST = 50;

type Ssh2 = typeof import("ssh2");

/** The ssh2 internals that a login with our keys needs; tests check that they exist. */
interface Protocol extends Answering {
  _kex: { sessionID: Buffer };
  _authsQueue: string[];
  _packetRW: {
    write: { allocStart: number; alloc(size: number): Buffer; finalize(packet: Buffer): Buffer };
  };
  _handlers: Answering["_handlers"] & {
    EXT_INFO(protocol: unknown, extensions: { name: string; algs?: string[] }[]): void;
  };
  service(name: string): void;
  authNone(username: string): void;
  authPK(username: string, key: object, algorithm?: unknown, sign?: Signer): void;
}
type Signer = (data: Buffer, done: (signature: Buffer) => void) => void;

/** Of ssh2/lib/protocol/utils.js. */
export type SendPacket = (protocol: unknown, packet: Buffer) => boolean;

interface Offer {
  key: OfferedKey;
  algorithm: string;
}

/**
 * The keys of a login. ssh2 supports neither certificates nor keys on tokens, and chooses RSA algorithms by
 * itself. So it sees all keys as keys of an agent, and their requests are made here.
 */
export class KeyRing {
  readonly #ssh2: Ssh2;
  readonly #sendPacket: SendPacket;
  readonly #offers = new WeakMap<object, Offer>();
  /** The algorithms that the host accepts (RFC 8308, server-sig-algs). */
  #taken: string[] | undefined;

  constructor(ssh2: Ssh2, sendPacket: SendPacket) {
    this.#ssh2 = ssh2;
    this.#sendPacket = sendPacket;
  }

  /** An agent with these keys, for ssh2. Of each key the best algorithm is offered. */
  agent(keys: OfferedKey[]): BaseAgent {
    const any = this.#ssh2.utils.parseKey(ANY_KEY) as ParsedKey;
    const standIns = keys.map((key) => {
      const algorithm = this.#best(key);
      const standIn = Object.create(any, {
        type: { value: algorithm },
        getPublicSSH: { value: () => key.blob },
      });
      this.#offers.set(standIn, { key, algorithm });
      return standIn as ParsedKey;
    });
    const offers = this.#offers;
    const { BaseAgent } = this.#ssh2;
    class Agent extends BaseAgent {
      override getIdentities(done: (error: undefined, keys: ParsedKey[]) => void) {
        done(undefined, standIns);
      }
      override sign(key: unknown, data: Buffer, ...rest: unknown[]) {
        const done = rest.at(-1) as (error?: Error, signature?: Buffer) => void;
        const { key: offered, algorithm } = offers.get(key as object)!;
        offered.sign(data, algorithm).then(
          (signature) => done(undefined, signature),
          (error) => done(new Error(`${offered.name} did not sign: ${messageOf(error)}`)),
        );
      }
    }
    return new Agent() as unknown as BaseAgent;
  }

  #best({ algorithms }: OfferedKey): string {
    return algorithms.find((name) => this.#takes(name)) ?? algorithms[0]!;
  }

  #takes(algorithm: string): boolean {
    const plain = algorithm.replace(/-cert-v01@openssh\.com$/, "");
    return (
      this.#taken === undefined || this.#taken.includes(algorithm) || this.#taken.includes(plain)
    );
  }

  /**
   * Call this once `client` has started to connect. The first request goes out with that for the service,
   * which saves a round trip: the login with the key `first`, or that of method none. `onRefused` is
   * called with the methods that can follow.
   */
  serve(
    client: Client,
    user: string,
    first: Promise<OfferedKey | undefined>,
    onRefused: (left: string[]) => void,
  ): void {
    const { _protocol: protocol } = client as unknown as { _protocol: Protocol };
    const { service, authNone } = protocol;
    const { EXT_INFO: heard, USERAUTH_FAILURE: refused } = protocol._handlers;
    protocol._handlers.USERAUTH_FAILURE = (of, left, partial) => {
      onRefused(left);
      refused(of, left, partial);
    };
    let early: EarlyRequest | undefined;
    let isServed = false;
    let hasAsked = false;

    const sendFirst = async () => {
      const key = await first;
      // Of several algorithms, the host names those that it takes right after the key exchange.
      if (key !== undefined && key.algorithms.length > 1 && this.#taken === undefined) return;
      const isDue = () => isServed && !hasAsked && early === undefined;
      if (!isDue()) return;
      if (key === undefined) authNone.call(protocol, user);
      else {
        const offer = { key, algorithm: this.#best(key) };
        const signature = await signedBy(protocol, user, offer).catch(() => undefined);
        if (signature === undefined || !isDue()) return;
        this.#send(protocol, publicKeyRequest(user, offer, signature));
      }
      early = new EarlyRequest(protocol);
    };

    protocol._handlers.EXT_INFO = (of, extensions) => {
      this.#taken ??= extensions.find(({ name }) => name === "server-sig-algs")?.algs;
      heard(of, extensions);
      void sendFirst();
    };
    protocol.service = (name) => {
      service.call(protocol, name);
      isServed = true;
      void sendFirst();
    };
    /** Whether what ssh2 asks for is what was sent. */
    const isSent = () => {
      const isFirst = !hasAsked;
      hasAsked = true;
      if (early?.loggedIn) return true;
      if (isFirst) early?.ask();
      return isFirst && early !== undefined;
    };
    protocol.authNone = (username) => {
      if (!isSent()) authNone.call(protocol, username);
    };
    protocol.authPK = (username, standIn, _algorithm, sign) => {
      const offer = this.#offers.get(standIn)!;
      const ask = () => this.#send(protocol, publicKeyRequest(username, offer));
      const prove = (signature: Buffer) =>
        this.#send(protocol, publicKeyRequest(username, offer, signature));
      if (sign !== undefined) sign(signedData(protocol, username, offer), prove);
      else if (isSent()) return;
      // Asking first whether the host accepts the key (RFC 4252, 7) would take a round trip.
      else if (offer.key.signsAtOnce) signedBy(protocol, username, offer).then(prove, ask);
      else ask();
    };
  }

  #send(protocol: Protocol, payload: Buffer): void {
    const { write } = protocol._packetRW;
    const packet = write.alloc(payload.length);
    payload.copy(packet, write.allocStart);
    protocol._authsQueue.push("publickey");
    this.#sendPacket(protocol, write.finalize(packet));
  }
}

/** Whether the host accepts the key or, with a signature of `signedData`, a login with it (RFC 4252, 7). */
function publicKeyRequest(user: string, { key, algorithm }: Offer, signature?: Buffer): Buffer {
  return Buffer.concat([
    Buffer.from([USERAUTH_REQUEST]),
    ...[user, "ssh-connection", "publickey"].map(wireString),
    Buffer.from([signature === undefined ? 0 : 1]),
    wireString(algorithm),
    wireString(key.blob),
    ...(signature === undefined ? [] : [wireString(signature)]),
  ]);
}

function signedData(protocol: Protocol, user: string, offer: Offer): Buffer {
  const unsigned = publicKeyRequest(user, offer, Buffer.alloc(0)).subarray(0, -4);
  return Buffer.concat([wireString(protocol._kex.sessionID), unsigned]);
}

async function signedBy(protocol: Protocol, user: string, offer: Offer): Promise<Buffer> {
  return offer.key.sign(signedData(protocol, user, offer), offer.algorithm);
}
