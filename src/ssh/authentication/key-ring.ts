import type { BaseAgent, Client, ParsedKey } from "ssh2";
import { messageOf } from "../../errors/error.ts";
import { wireString } from "../keys/wire.ts";
import type { OfferedKey } from "./offered-key.ts";

/** Any key will do: ssh2 only checks the class of the object. */
const ANY_KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIMLKEGgGxH1oYIVYgVGFzBJJnbgaDEaw4LMmKSSTDXjp";
const USERAUTH_REQUEST = 50;

type Ssh2 = typeof import("ssh2");

/** The ssh2 internals that a login with our keys needs; tests check that they exist. */
interface Protocol {
  _kex: { sessionID: Buffer };
  _authsQueue: string[];
  _packetRW: {
    write: { allocStart: number; alloc(size: number): Buffer; finalize(packet: Buffer): Buffer };
  };
  _handlers: { EXT_INFO(protocol: unknown, extensions: { name: string; algs?: string[] }[]): void };
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
      const algorithm = key.algorithms.find((name) => this.#takes(name)) ?? key.algorithms[0]!;
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

  #takes(algorithm: string): boolean {
    const plain = algorithm.replace(/-cert-v01@openssh\.com$/, "");
    return (
      this.#taken === undefined || this.#taken.includes(algorithm) || this.#taken.includes(plain)
    );
  }

  /** Call this once `client` has started to connect. */
  serve(client: Client): void {
    const { _protocol: protocol } = client as unknown as { _protocol: Protocol };
    const { EXT_INFO: heard } = protocol._handlers;
    protocol._handlers.EXT_INFO = (of, extensions) => {
      this.#taken ??= extensions.find(({ name }) => name === "server-sig-algs")?.algs;
      heard(of, extensions);
    };
    const send = (payload: Buffer) => {
      const { write } = protocol._packetRW;
      const packet = write.alloc(payload.length);
      payload.copy(packet, write.allocStart);
      protocol._authsQueue.push("publickey");
      this.#sendPacket(protocol, write.finalize(packet));
    };
    protocol.authPK = (username, standIn, _algorithm, sign) => {
      const { key, algorithm } = this.#offers.get(standIn)!;
      const request = (signed: boolean) =>
        Buffer.concat([
          Buffer.from([USERAUTH_REQUEST]),
          ...[username, "ssh-connection", "publickey"].map(wireString),
          Buffer.from([signed ? 1 : 0]),
          wireString(algorithm),
          wireString(key.blob),
        ]);
      const data = Buffer.concat([wireString(protocol._kex.sessionID), request(true)]);
      const prove = (signature: Buffer) =>
        send(Buffer.concat([request(true), wireString(signature)]));
      if (sign !== undefined) sign(data, prove);
      // Asking first whether the host accepts the key (RFC 4252, 7) would take a round trip.
      else if (key.signsAtOnce) key.sign(data, algorithm).then(prove, () => send(request(false)));
      else send(request(false));
    };
  }
}
