import type { Duplex } from "node:stream";
import type { SFTPWrapper } from "ssh2";

/** SSH_FXP_WRITE (draft-ietf-secsh-filexfer-02, section 6.4) and SSH_MSG_CHANNEL_DATA (RFC 4254, 5.2). */
const WRITE = 6;
const CHANNEL_DATA = 94;
/** Bytes of a packet before its payload: its length, and the length of its padding. */
const BEFORE_PAYLOAD = 5;
/** Bytes of SSH_MSG_CHANNEL_DATA before the data. */
const BEFORE_DATA = 9;

/** What ssh2's types leave out. */
interface Channel {
  _protocol: {
    _cipher: Cipher;
    /** Set while the keys are renewed. */
    _kexinit: unknown;
    _packetRW: { write: { allocStart: number } };
  };
  _client: { _sock: Duplex };
  _requests: Record<number, { cb: Done }>;
  _writeReqid: number;
  /** What waits for the host's window. */
  _buffer: unknown[];
  outgoing: { id: number; window: number; packetSize: number; state: string };
}

interface Cipher {
  /** A packet with its lengths and padding, and room for the payload and the MAC. */
  allocPacket(payload: number): Buffer;
  /** Passes the encrypted packet, which may be the same memory, to `_onWrite`. */
  encrypt(packet: Buffer): void;
  _onWrite(data: Buffer): void;
}

type Done = (error?: Error | null) => void;

/**
 * A write request that can be used again and again: `data` is memory inside the encrypted packets, to be
 * filled with the bytes to write. ssh2 would allocate memory for each request and each of its packets; for
 * a large file, collecting that garbage took more time than encryption.
 */
export class WriteRequest {
  readonly data: readonly Uint8Array[];
  readonly #channel: SFTPWrapper;
  readonly #handle: Buffer;
  readonly #packets: Packets | undefined;

  constructor(channel: SFTPWrapper, handle: Buffer, bytes: number) {
    this.#channel = channel;
    this.#handle = handle;
    this.#packets = Packets.of(channel as unknown as Channel, handle, bytes);
    this.data = this.#packets?.data ?? [Buffer.allocUnsafe(bytes)];
  }

  /** Writes the first `length` bytes of `data`; nothing of it is in use after `done`. */
  send(length: number, position: number, done: Done): void {
    if (this.#packets?.send(length, position, done)) return;
    const data = this.data.length === 1 ? this.data[0]! : Buffer.concat(this.data);
    this.#channel.write(this.#handle, data as Buffer, 0, length, position, done);
  }
}

/** The packets of a full request, for the cipher of the moment. */
class Packets {
  readonly data: Uint8Array[] = [];
  readonly #channel: Channel;
  readonly #cipher: Cipher;
  readonly #packets: { packet: Buffer; head: Buffer }[] = [];
  /** The request up to its data; its number and position are filled in for each use. */
  readonly #request: Buffer;
  readonly #bytes: number;
  readonly #length: number;

  static of(channel: Channel, handle: Buffer, bytes: number): Packets | undefined {
    // Compressed payloads are not encrypted where they are.
    const plain = channel._protocol._packetRW?.write?.allocStart === BEFORE_PAYLOAD;
    return plain && isIdle(channel) ? new Packets(channel, handle, bytes) : undefined;
  }

  private constructor(channel: Channel, handle: Buffer, bytes: number) {
    const { outgoing } = channel;
    this.#channel = channel;
    this.#cipher = channel._protocol._cipher;
    this.#bytes = bytes;
    const request = Buffer.alloc(4 + 1 + 4 + 4 + handle.length + 8 + 4);
    this.#request = request;
    this.#length = request.length + bytes;
    request.writeUInt32BE(this.#length - 4, 0);
    request[4] = WRITE;
    request.writeUInt32BE(handle.length, 9);
    handle.copy(request, 13);
    request.writeUInt32BE(bytes, request.length - 4);
    for (let at = 0; at < this.#length; at += outgoing.packetSize) {
      const length = Math.min(outgoing.packetSize, this.#length - at);
      const packet = this.#cipher.allocPacket(BEFORE_DATA + length);
      const start = BEFORE_PAYLOAD + BEFORE_DATA;
      packet[BEFORE_PAYLOAD] = CHANNEL_DATA;
      packet.writeUInt32BE(outgoing.id, BEFORE_PAYLOAD + 1);
      packet.writeUInt32BE(length, BEFORE_PAYLOAD + 5);
      this.#packets.push({ packet, head: Buffer.from(packet.subarray(0, start)) });
      this.data.push(packet.subarray(start + (at === 0 ? request.length : 0), start + length));
    }
  }

  /** false if it has to go another way. */
  send(length: number, position: number, done: Done): boolean {
    const channel = this.#channel;
    const { _protocol, _client, outgoing } = channel;
    if (length < this.#bytes || _protocol._cipher !== this.#cipher) return false;
    if (!isIdle(channel) || outgoing.window < this.#length || !_client._sock.writable) return false;
    outgoing.window -= this.#length;
    const id = (channel._writeReqid + 1) >>> 0;
    channel._writeReqid = id;
    this.#request.writeUInt32BE(id, 5);
    this.#request.writeBigUInt64BE(BigInt(position), this.#request.length - 12);
    // The host's answer alone does not prove that the socket is done with the memory.
    let pending = 2;
    const ended: Done = (error) => {
      pending -= 1;
      if (error) done(error);
      else if (pending === 0) done();
    };
    channel._requests[id] = { cb: ended };
    write(_client._sock, this.#encrypted(), () => ended());
    return true;
  }

  #encrypted(): Buffer[] {
    const encrypted: Buffer[] = [];
    const { _onWrite } = this.#cipher;
    this.#cipher._onWrite = (data) => encrypted.push(data);
    try {
      for (const [at, { packet, head }] of this.#packets.entries()) {
        head.copy(packet);
        if (at === 0) this.#request.copy(packet, head.length);
        this.#cipher.encrypt(packet);
      }
    } finally {
      this.#cipher._onWrite = _onWrite;
    }
    return encrypted;
  }
}

/** Whether a request may be sent at once. */
function isIdle({ _protocol, _buffer, outgoing }: Channel): boolean {
  return _protocol._kexinit === undefined && _buffer.length === 0 && outgoing.state === "open";
}

/** In one system call. */
function write(socket: Duplex, pieces: Buffer[], done: () => void): void {
  socket.cork();
  for (const piece of pieces.slice(0, -1)) socket.write(piece);
  socket.write(pieces.at(-1), done);
  socket.uncork();
}
