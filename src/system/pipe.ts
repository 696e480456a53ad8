import { closeSync, constants, openSync } from "node:fs";
import { stat } from "node:fs/promises";
import { Socket } from "node:net";
import { readRegularFile } from "./regular-file.ts";

/** Bytes; a writer without an end must not fill the memory. */
const LIMIT = 64 * 1024 * 1024;

/**
 * What comes through a pipe with a name: `-c <(command)` of a shell is one. Its writer may never come;
 * signals are heard meanwhile. Anything else has to be a regular file, or /dev/null.
 *
 * @throws Error with the reason
 */
export async function readPipe(path: string): Promise<Buffer> {
  if (!(await stat(path)).isFIFO()) return readRegularFile(path);
  // Not a plain read: it would keep a thread, and with that the process, until there is a writer.
  const descriptor = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  let socket: Socket;
  try {
    socket = new Socket({ fd: descriptor, readable: true, writable: false });
  } catch (error) {
    closeSync(descriptor);
    throw error;
  }
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of socket) {
    chunks.push(chunk as Buffer);
    size += (chunk as Buffer).length;
    if (size > LIMIT) throw new Error(`it has more than ${LIMIT} bytes`);
  }
  return Buffer.concat(chunks);
}
