import type { SFTPWrapper } from "ssh2";

/** SSH_FXP_DATA (draft-ietf-secsh-filexfer-02, section 7). */
const DATA = 103;
/** Bytes before its data: two lengths, the type and the number of the request. */
const HEAD = 13;

/** What ssh2's types leave out. */
interface Channel {
  push(data: Buffer | null): void;
  readable: boolean;
  /** How much of a reply ssh2 has: bytes of its length, then of the rest. */
  _pktLenBytes: number;
  _pktLen: number;
  _pktPos: number;
  _requests: Record<number, Reading>;
}

interface Reading {
  /** Of read requests. */
  buffer?: Buffer;
  cb(error: undefined, buffer: Buffer, length: number): void;
}

/**
 * Lets the data of read requests go from the packets directly into the buffers of the requests. ssh2 would
 * allocate memory for each reply first; for a large file, collecting that garbage took more time than
 * decryption.
 */
export function readDirectly(sftp: SFTPWrapper): void {
  const channel = sftp as unknown as Channel;
  const theirs = channel.push.bind(channel);
  let request: { id: number; buffer: Buffer; cb: Reading["cb"]; length: number } | undefined;
  /** Bytes of the current reply that have arrived. */
  let arrived = 0;

  /** Whether a reply with data starts at `at`. */
  const starts = (data: Buffer, at: number): boolean => {
    if (channel._pktLenBytes > 0 || data.length - at < HEAD || data[at + 4] !== DATA) return false;
    const id = data.readUInt32BE(at + 5);
    const length = data.readUInt32BE(at + 9);
    const { buffer, cb } = channel._requests[id] ?? {};
    if (buffer === undefined || cb === undefined || length > buffer.length) return false;
    if (length === 0 || data.readUInt32BE(at) !== length + HEAD - 4) return false;
    request = { id, buffer, cb, length };
    arrived = 0;
    return true;
  };

  channel.push = (data) => {
    if (data === null) return theirs(data);
    let at = 0;
    while (at < data.length && channel.readable) {
      if (request === undefined && starts(data, at)) at += HEAD;
      if (request === undefined) {
        // ssh2 reads this reply to its end.
        const length =
          channel._pktLenBytes < 4 ? 4 - channel._pktLenBytes : channel._pktLen - channel._pktPos;
        // Not a length: ssh2 has closed the channel, or does so now.
        if (length <= 0) return length === 0 ? undefined : theirs(data.subarray(at));
        theirs(data.subarray(at, at + length));
        at += length;
        continue;
      }
      const { buffer, cb, length } = request;
      const count = Math.min(length - arrived, data.length - at);
      buffer.set(data.subarray(at, at + count), arrived);
      arrived += count;
      at += count;
      if (arrived < length) continue;
      delete channel._requests[request.id];
      request = undefined;
      cb(undefined, buffer, length);
    }
  };
}
