import { createHash, randomBytes, timingSafeEqual } from "node:crypto";
import type { LookupAddress } from "node:dns";
import { lookup } from "node:dns/promises";
import { Agent } from "node:http";
import { connect, type LookupFunction } from "node:net";
import { proxyFor } from "../../config/download/proxy.ts";
import { BuildoutError, messageOf } from "../../errors/error.ts";
import { shellCommand } from "../../ssh/commands/shell-program.ts";
import type { HostConnection } from "../../ssh/connection.ts";
import { joinStreams } from "../../ssh/join-streams.ts";
import type { TunnelRule } from "../part/tunnel-allow.ts";
import throughTunnel from "./programs/through-tunnel.sh?raw";
import { allowedAddresses, RefusedTarget, type Resolve } from "./tunnel-guard.ts";

/** Internet access for a host without any: an HTTP(S) proxy on its loopback that ends here. */
export interface Tunnel {
  /** As in `http_proxy`, as seen from the host, with user and password: a secret. */
  url: string;
  /**
   * A shell command that reads the address from the first line of its input and then runs `command`; with
   * `login`, in the user's login shell.
   */
  lead(command: string, options: { login: boolean }): string;
  /** Output of the host without the password. */
  mask(text: string): string;
  close(): Promise<void>;
}

interface TunnelOptions {
  /** The deploying machine's environment: it may need a proxy itself. */
  env: NodeJS.ProcessEnv;
  allow: readonly TunnelRule[];
  /** Called once for each refused target. */
  onRefused(message: string): void;
}

const resolveAll: Resolve = (name) => lookup(name, { all: true });

/**
 * Opens the tunnel: the host's loopback listens, and requests with the password go out from this machine,
 * through the proxy in `env`, if any. Lasts as long as the connection, or until `close`. Throws
 * `forward-refused` if the host's sshd forbids it.
 */
export async function openTunnel(
  connection: HostConnection,
  { env, allow, onRefused }: TunnelOptions,
): Promise<Tunnel> {
  const { RequestError, Server } = await import("proxy-chain");
  const user = randomBytes(6).toString("hex");
  const password = randomBytes(24).toString("base64url");
  // As in HTTP; verbose programs print that header.
  const basic = Buffer.from(`${user}:${password}`).toString("base64");
  const known = digest(user, password);
  const refused = new Set<string>();
  const proxy = new Server({
    host: "127.0.0.1",
    port: 0,
    authRealm: "hostout",
    async prepareRequestFunction({ username, password, hostname, port, isHttp }) {
      if (!timingSafeEqual(digest(username, password), known))
        return { requestAuthentication: true };
      const url = new URL(`${isHttp ? "http" : "https"}://${hostname}:${port}`);
      const upstream = proxyFor(url, env);
      let addresses: LookupAddress[];
      try {
        addresses = await allowedAddresses(hostname, port, allow, resolveAll);
      } catch (error) {
        if (error instanceof RefusedTarget) {
          if (!refused.has(error.message)) onRefused(error.message);
          refused.add(error.message);
          throw new RequestError(error.message, 403);
        }
        // A machine behind a proxy often cannot resolve internet names.
        if (upstream !== undefined) return { upstreamProxyUrl: upstream.href };
        throw new RequestError(`Cannot resolve ${hostname}: ${messageOf(error)}`, 502);
      }
      if (upstream !== undefined) return { upstreamProxyUrl: upstream.href };
      // Do not share connections with this machine's own requests.
      return { dnsLookup: fixedLookup(addresses) as never, httpAgent: new Agent() };
    },
  });
  await proxy.listen();
  try {
    const port = await connection.forwardIn((stream) => {
      joinStreams(connect({ port: proxy.port, host: "127.0.0.1", allowHalfOpen: true }), stream);
    });
    return {
      url: `http://${user}:${password}@127.0.0.1:${port}`,
      lead: (command, { login }) =>
        shellCommand(throughTunnel, [command, ...(login ? ["login"] : [])]),
      mask: (text) => text.replaceAll(password, "***").replaceAll(basic, "***"),
      close: () => proxy.close(true),
    };
  } catch (error) {
    await proxy.close(true);
    if (error instanceof BuildoutError && error.code === "forward-refused") {
      throw new BuildoutError(error.code, error.message, {
        hint: `${error.hint ?? ""} Or remove 'tunnel = true'.`,
        cause: error,
      });
    }
    throw error;
  }
}

function digest(user: string, password: string): Buffer {
  return createHash("sha256")
    .update(JSON.stringify([user, password]))
    .digest();
}

function fixedLookup(addresses: readonly LookupAddress[]): LookupFunction {
  return (_name, options, done) => {
    if (options.all) return done(null, [...addresses]);
    const { address, family } = addresses[0]!;
    done(null, address, family);
  };
}
