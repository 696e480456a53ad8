import { connect, createServer, type Socket } from "node:net";

/** A TCP proxy on loopback that cuts both sides off after enough bytes have been sent to the target. */
export interface CuttingProxy {
  port: number;
  /** Cuts after this many more bytes to the target. */
  cutAfter(bytes: number): void;
  /** Bytes that went to the target since this was asked for last. */
  passed(): number;
  /** Passes nothing on from now, in silence. */
  freeze(): void;
  /** Ends the connections as a host does that closes them. */
  end(): void;
  /** Ends the connections as a host does that has crashed, or a firewall. */
  reset(): void;
  close(): Promise<void>;
}

export async function cuttingProxy(targetPort: number): Promise<CuttingProxy> {
  let budget = Number.POSITIVE_INFINITY;
  let passed = 0;
  let frozen = false;
  const sockets = new Set<Socket>();
  const server = createServer({ allowHalfOpen: true }, (client) => {
    const target = connect(targetPort, "127.0.0.1");
    for (const socket of [client, target]) {
      sockets.add(socket);
      socket.on("error", () => {}).on("close", () => sockets.delete(socket));
    }
    client.on("data", (data) => {
      if (frozen) return;
      budget -= data.length;
      passed += data.length;
      if (budget >= 0) target.write(data);
      else for (const socket of [client, target]) socket.destroy();
    });
    target.on("data", (data) => frozen || client.write(data));
    // Frozen, it does not even answer the end of the connection.
    client.on("end", () => frozen || client.end());
    client.on("close", () => target.destroy());
    target.on("close", () => client.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    port: (server.address() as { port: number }).port,
    cutAfter: (bytes) => {
      budget = bytes;
    },
    passed: () => {
      const bytes = passed;
      passed = 0;
      return bytes;
    },
    freeze: () => {
      frozen = true;
    },
    end: () => {
      for (const socket of sockets) socket.end();
    },
    reset: () => {
      for (const socket of sockets) socket.resetAndDestroy();
    },
    close: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
