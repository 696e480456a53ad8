import { connect } from "node:net";
import { proxyFor } from "../../config/download/proxy.ts";
import { BuildoutError } from "../../errors/error.ts";
import type { HostConnection } from "../../ssh/connection.ts";

/** A way out for a host without one: an HTTP(S) proxy at its own loopback that ends here. */
export interface Tunnel {
  /** As `http_proxy` has it, as the host sees it. */
  url: string;
  close(): Promise<void>;
}

/**
 * Opens the tunnel: the host's loopback listens, and what comes goes out of this machine, through
 * the proxy that `env` names, if it does. Lasts as long as the connection, or until `close`.
 * Throws `forward-refused` where the host's sshd forbids it.
 */
export async function openTunnel(
  connection: HostConnection,
  env: NodeJS.ProcessEnv,
): Promise<Tunnel> {
  const { Server } = await import("proxy-chain");
  const proxy = new Server({
    host: "127.0.0.1",
    port: 0,
    prepareRequestFunction: ({ hostname, port, isHttp }) => {
      const url = new URL(`${isHttp ? "http" : "https"}://${hostname}:${port}`);
      return { upstreamProxyUrl: proxyFor(url, env)?.href ?? null };
    },
  });
  await proxy.listen();
  try {
    const port = await connection.forwardIn((stream) => {
      const socket = connect(proxy.port, "127.0.0.1");
      const end = () => {
        socket.destroy();
        stream.destroy();
      };
      socket.on("error", end).on("close", end);
      stream.on("error", end).on("close", end);
      socket.pipe(stream).pipe(socket);
    });
    return { url: `http://127.0.0.1:${port}`, close: () => proxy.close(true) };
  } catch (error) {
    await proxy.close(true);
    if (error instanceof BuildoutError && error.code === "forward-refused") {
      throw new BuildoutError(error.code, error.message, {
        hint: `${error.hint ?? ""} Or leave out 'tunnel = true'.`,
        cause: error,
      });
    }
    throw error;
  }
}

/** Shell commands that lead what runs after them through the tunnel. */
export function tunnelExports({ url }: Tunnel): string {
  const names = ["http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY"];
  const exports = names.map((name) => `${name}=${url}`).join(" ");
  const exempt = "localhost,127.0.0.1,::1";
  return `export ${exports} no_proxy=${exempt} NO_PROXY=${exempt}`;
}
