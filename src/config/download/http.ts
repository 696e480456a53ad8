/** One GET over HTTP or HTTPS, by way of a proxy where the environment names one. */
import type { ClientRequest, IncomingMessage, RequestOptions } from "node:http";
import type { Socket } from "node:net";
import { credentialsFor } from "./netrc.ts";
import { proxyFor } from "./proxy.ts";

export type Env = Readonly<Record<string, string | undefined>>;

export interface Transfer {
  env: Env;
  /** Milliseconds without a byte after which the transfer fails. */
  timeout: number;
  signal: AbortSignal;
}

const MAX_REDIRECTS = 10;
const REDIRECTS = [301, 302, 303, 307, 308];

function basic(user: string, password: string): string {
  return `Basic ${Buffer.from(`${user}:${password}`).toString("base64")}`;
}

function authorization(url: URL, env: Env): string | undefined {
  if (url.username !== "") {
    return basic(decodeURIComponent(url.username), decodeURIComponent(url.password));
  }
  const known = credentialsFor(url.hostname, env);
  return known && basic(known.login, known.password);
}

function proxyHeaders(proxy: URL): Record<string, string> {
  if (proxy.username === "") return {};
  const { username, password } = proxy;
  const value = basic(decodeURIComponent(username), decodeURIComponent(password));
  return { "Proxy-Authorization": value };
}

function portOf(url: URL): number {
  return Number(url.port || (url.protocol === "https:" ? 443 : 80));
}

/** A connection to the host of `url` through the proxy. */
async function tunnel(url: URL, proxy: URL, { timeout, signal }: Transfer): Promise<Socket> {
  const { request } = await import("node:http");
  const target = `${url.hostname}:${portOf(url)}`;
  return await new Promise((resolve, reject) => {
    const connect = request({
      host: proxy.hostname,
      port: portOf(proxy),
      method: "CONNECT",
      path: target,
      headers: { Host: target, ...proxyHeaders(proxy) },
      timeout,
      signal,
    });
    connect.on("timeout", () => connect.destroy(new Error("timed out")));
    connect.on("error", reject);
    connect.on("connect", (response, socket) => {
      if (response.statusCode === 200) resolve(socket as Socket);
      else {
        socket.destroy();
        reject(new Error(`the proxy answered ${response.statusCode} ${response.statusMessage}`));
      }
    });
    connect.end();
  });
}

/** How to ask for `url`: directly, or with its whole address from a proxy. */
async function requestOptions(
  url: URL,
  proxy: URL | undefined,
  transfer: Transfer,
): Promise<RequestOptions> {
  const auth = authorization(url, transfer.env);
  const headers = {
    Host: url.host,
    Accept: "*/*",
    ...(auth !== undefined && { Authorization: auth }),
  };
  const { timeout, signal } = transfer;
  const direct = {
    host: url.hostname.replace(/^\[|\]$/g, ""),
    port: portOf(url),
    path: url.pathname + url.search,
    headers,
    timeout,
    signal,
  };
  if (proxy === undefined) return direct;
  if (url.protocol === "http:") {
    return {
      ...direct,
      host: proxy.hostname,
      port: portOf(proxy),
      path: `http://${url.host}${direct.path}`,
      headers: { ...headers, ...proxyHeaders(proxy) },
    };
  }
  const [{ connect }, socket] = await Promise.all([
    import("node:tls"),
    tunnel(url, proxy, transfer),
  ]);
  const secured = connect({ socket, servername: url.hostname });
  return { ...direct, createConnection: () => secured };
}

function answer(request: ClientRequest): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    request.on("timeout", () => request.destroy(new Error("timed out")));
    request.on("error", reject);
    request.on("response", resolve);
    request.end();
  });
}

async function body(response: IncomingMessage): Promise<Uint8Array> {
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

/** The bytes at `url`. Throws for anything but a complete successful answer. */
export async function get(address: string, transfer: Transfer): Promise<Uint8Array> {
  let url = new URL(address);
  for (let redirects = 0; redirects <= MAX_REDIRECTS; redirects++) {
    if (url.protocol !== "http:" && url.protocol !== "https:") {
      throw new Error(`unknown url type: ${url.protocol.slice(0, -1)}`);
    }
    const { request } =
      url.protocol === "https:" ? await import("node:https") : await import("node:http");
    const proxy = proxyFor(url, transfer.env);
    const response = await answer(request(await requestOptions(url, proxy, transfer)));
    const status = response.statusCode ?? 0;
    const location = response.headers.location;
    if (REDIRECTS.includes(status) && location !== undefined) {
      response.resume();
      url = new URL(location, url);
      continue;
    }
    if (status < 200 || status > 299) {
      response.resume();
      throw new Error(`HTTP Error ${status}: ${response.statusMessage ?? ""}`);
    }
    return await body(response);
  }
  throw new Error(`more than ${MAX_REDIRECTS} redirections`);
}
