import { connect, type Socket } from "node:net";
import { WireReader, wireString, wireUint32 } from "../keys/wire.ts";

/** Of the protocol of ssh-agent (draft-miller-ssh-agent). */
const REQUEST_IDENTITIES = 11;
const IDENTITIES_ANSWER = 12;
const SIGN_REQUEST = 13;
const SIGN_RESPONSE = 14;
const FLAGS: Record<string, number> = { "rsa-sha2-256": 2, "rsa-sha2-512": 4 };
/** A key on a token waits for a finger; a dead agent must not wait forever. Milliseconds. */
const LIST_TIMEOUT = 10_000;
const SIGN_TIMEOUT = 60_000;

export interface AgentKey {
  /** A public key or a certificate. */
  blob: Buffer;
  comment: string;
}

/** The keys that the ssh-agent at `socket` has. */
export async function agentKeys(socket: string): Promise<AgentKey[]> {
  const answer = await ask(socket, Buffer.from([REQUEST_IDENTITIES]), LIST_TIMEOUT);
  const reader = new WireReader(answer);
  if (reader.byte() !== IDENTITIES_ANSWER) throw new Error("it did not list its keys");
  return Array.from({ length: reader.uint32() }, () => ({
    blob: reader.string(),
    comment: reader.text(),
  }));
}

/** The signature of `data` as it is sent to a host, whatever the kind of key. */
export async function signByAgent(
  socket: string,
  blob: Buffer,
  data: Buffer,
  algorithm: string,
): Promise<Buffer> {
  const flags = wireUint32(FLAGS[algorithm.replace(/-cert-v01@openssh\.com$/, "")] ?? 0);
  const request = [Buffer.from([SIGN_REQUEST]), wireString(blob), wireString(data), flags];
  const reader = new WireReader(await ask(socket, Buffer.concat(request), SIGN_TIMEOUT));
  if (reader.byte() !== SIGN_RESPONSE) throw new Error("the agent did not sign");
  return reader.string();
}

/** One question on a connection of its own. */
function ask(socket: string, request: Buffer, timeout: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const connection: Socket = connect(socket);
    let received = Buffer.alloc(0);
    const end = (finish: () => void) => {
      connection.destroy();
      finish();
    };
    connection.setTimeout(timeout, () => end(() => reject(new Error("it does not answer"))));
    connection.once("error", (error) => end(() => reject(error)));
    connection.once("close", () => reject(new Error("it closed the connection")));
    connection.on("data", (data) => {
      received = Buffer.concat([received, data]);
      if (received.length < 4 || received.length < 4 + received.readUInt32BE(0)) return;
      const length = received.readUInt32BE(0);
      const answer = received.subarray(4, 4 + length);
      end(() => resolve(answer));
    });
    connection.write(wireString(request));
  });
}
