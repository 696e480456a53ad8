import { type AddressInfo, createServer, type Server } from "node:net";
import type { Connection } from "ssh2";
import { joinStreams } from "../join-streams.ts";

/** Listens on loopback for a client that asks for it (RFC 4254, 7.1), until that disconnects. */
export function serveForwarding(connection: Connection): void {
  const listening = new Map<number, Server>();
  connection.on("close", () => {
    for (const server of listening.values()) server.close();
  });
  connection.on("request", (accept, reject, name, details) => {
    if (name === "cancel-tcpip-forward") {
      listening.get(details.bindPort)?.close();
      listening.delete(details.bindPort);
      accept?.();
      return;
    }
    if (name !== "tcpip-forward") return reject?.();
    const server = createServer({ allowHalfOpen: true }, (socket) => {
      const { remoteAddress = "", remotePort = 0 } = socket;
      const { port } = server.address() as AddressInfo;
      socket.on("error", () => socket.destroy());
      connection.forwardOut(details.bindAddr, port, remoteAddress, remotePort, (error, channel) => {
        if (error) return socket.destroy();
        joinStreams(socket, channel);
      });
    });
    server.once("error", () => reject?.());
    server.listen(details.bindPort, "127.0.0.1", () => {
      const { port } = server.address() as AddressInfo;
      listening.set(port, server);
      accept?.(port);
    });
  });
}
