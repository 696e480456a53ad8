import type { SFTPWrapper } from "ssh2";

/** Packet types (draft-ietf-secsh-filexfer-02, section 3). */
const VERSION = 2;
const EXTENDED_REPLY = 201;

interface Internals {
  _protocol: { channelData(channel: number, data: Buffer): void };
  outgoing: { id: number; window: number };
}

/**
 * Announces the extensions of a server. ssh2's SFTP server can neither do this nor answer extended
 * requests, so both write to the channel directly, through ssh2's internals.
 */
export function announceExtensions(sftp: SFTPWrapper, extensions: Record<string, string>): void {
  const internals = sftp as unknown as Internals;
  const protocol = internals._protocol;
  const version = packet(VERSION, [
    uint32(3),
    ...Object.entries(extensions).flatMap(([name, data]) => [text(name), text(data)]),
  ]);
  // The first packet of a server is its version.
  internals._protocol = Object.create(protocol, {
    channelData: {
      value(channel: number, data: Buffer) {
        internals._protocol = protocol;
        internals.outgoing.window -= version.length - data.length;
        protocol.channelData(channel, version);
      },
    },
  });
}

/** Answers an extended request with 64-bit numbers, which is all that is needed here. */
export function sendExtendedReply(
  sftp: SFTPWrapper,
  request: number,
  numbers: (number | bigint)[],
) {
  const { _protocol, outgoing } = sftp as unknown as Internals;
  const reply = packet(EXTENDED_REPLY, [uint32(request), ...numbers.map(uint64)]);
  outgoing.window -= reply.length;
  _protocol.channelData(outgoing.id, reply);
}

/** The strings that an extended request carries. */
export function readStrings(data: Buffer): string[] {
  const strings: string[] = [];
  let at = 0;
  while (at + 4 <= data.length) {
    const end = at + 4 + data.readUInt32BE(at);
    strings.push(data.toString("utf8", at + 4, end));
    at = end;
  }
  return strings;
}

function packet(type: number, parts: Buffer[]): Buffer {
  const payload = Buffer.concat([Buffer.from([type]), ...parts]);
  return Buffer.concat([uint32(payload.length), payload]);
}

function uint32(value: number): Buffer {
  const buffer = Buffer.alloc(4);
  buffer.writeUInt32BE(value);
  return buffer;
}

function uint64(value: number | bigint): Buffer {
  const buffer = Buffer.alloc(8);
  buffer.writeBigUInt64BE(BigInt(value));
  return buffer;
}

function text(value: string): Buffer {
  const bytes = Buffer.from(value);
  return Buffer.concat([uint32(bytes.length), bytes]);
}
