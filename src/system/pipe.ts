import { closeSync, constants, openSync } from "node:fs";
import { stat } from "node:fs/promises";
import { Socket } from "node:net";
import { readRegularFile } from "./regular-file.ts";

/** Bytes; an endless writer must not fill the memory. */
const LIMIT = 64 * 1024 * 1024;

/**
 * Reads a named pipe, such as a shell's `-c <(command)`. Its writer may never open it, so signals are
 * handled meanwhile. Anything else must be a regular file or /dev/null.
 *
 * @throws Error with the reason
 */
export async function readPipe(path: string): Promise<Buffer> {
  if (!(await stat(path)).isFIFO()) return readRegularFile(path);
  // Not a plain read, which would block a thread, and so the process, until there is a writer.
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
