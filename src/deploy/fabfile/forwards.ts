/** Ports forwarded by fabfiles in Python, each open until its number is closed. */
import { connect, createServer, type Server } from "node:net";
import type { Duplex } from "node:stream";
import { BuildoutError, messageOf } from "../../errors/error.ts";
import type { HostConnection } from "../../ssh/connection.ts";
import { joinStreams } from "../../ssh/join-streams.ts";

interface Ends {
  localHost: string;
  localPort: number;
  remoteHost: string;
  remotePort: number;
}

export class Forwards {
  readonly #open = new Map<number, () => Promise<void>>();
  #last = 0;

  /** Connections to the local end are forwarded to the remote one, as seen from the host. */
  async local(connection: HostConnection, ends: Ends): Promise<number> {
    const streams = new Set<Duplex>();
    const server = createServer({ allowHalfOpen: true }, (socket) => {
      streams.add(socket);
      connection.forwardOut(ends.remoteHost, ends.remotePort).then(
        (stream) => {
          streams.add(stream);
          joinStreams(socket, stream);
        },
        // The program at the other end finds its connection closed, as with ssh -L.
        () => socket.destroy(),
      );
    });
    await listening(server, ends);
    return this.#opened(async () => {
      for (const stream of streams) stream.destroy();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    });
  }

  /** Connections to the host's end are forwarded to the local one. */
  async remote(connection: HostConnection, ends: Ends): Promise<number> {
    const streams = new Set<Duplex>();
    const { remoteHost: host, remotePort: port } = ends;
    const bound = await connection.forwardIn(
      (stream) => {
        const socket = connect({
          port: ends.localPort,
          host: ends.localHost,
          allowHalfOpen: true,
        });
        streams.add(stream).add(socket);
        joinStreams(socket, stream);
      },
      { host, port },
    );
    return this.#opened(async () => {
      for (const stream of streams) stream.destroy();
      await connection.endForwardIn(bound, host);
    });
  }

  async close(number: number): Promise<void> {
    const close = this.#open.get(number);
    this.#open.delete(number);
    await close?.();
  }

  async closeAll(): Promise<void> {
    for (const number of [...this.#open.keys()]) await this.close(number);
  }

  #opened(close: () => Promise<void>): number {
    this.#last += 1;
    this.#open.set(this.#last, close);
    return this.#last;
  }
}

function listening(server: Server, { localHost, localPort }: Ends): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", (cause) => {
      const message = `Cannot listen on ${localHost} port ${localPort}: ${messageOf(cause)}`;
      reject(new BuildoutError("system-error", message, { cause }));
    });
    server.listen(localPort, localHost, () => resolve());
  });
}
