/**
 * One GET over HTTP or HTTPS, through the proxy in the environment, if any, with the certificate
 * authorities that Python and curl trust. Retries like pip.
 */
import type { ClientRequest, IncomingMessage, RequestOptions } from "node:http";
import type { Socket } from "node:net";
import { setTimeout as wait } from "node:timers/promises";
import type { SecureContext } from "node:tls";
import { allAuthorities } from "../../system/authorities.ts";
import { credentialsFor } from "./netrc.ts";
import { proxyFor } from "./proxy.ts";

export type Env = Readonly<Record<string, string | undefined>>;

export interface Transfer {
  env: Env;
  /** Milliseconds without data before the transfer fails. */
  timeout: number;
  signal: AbortSignal;
  /** How often to retry a failed request; default: PIP_RETRIES, or 5 like pip. */
  retries?: number;
}

/** Failures of servers and networks that pip considers temporary. */
const PASSING_STATUS = [500, 502, 503, 520, 524, 527];
const PASSING_ERROR =
  /^(ECONNREFUSED|ECONNRESET|EPIPE|EHOSTUNREACH|ENETUNREACH|ENETDOWN|ETIMEDOUT|ENOTFOUND|EAI_AGAIN)$/;
const RETRIES = 5;
/** Milliseconds before retries: none before the first, doubled after the second. */
const BACK_OFF = 250;

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

/** The request for `url`, directly or through a proxy. */
async function requestOptions(
  url: URL,
  proxy: URL | undefined,
  transfer: Transfer,
  secureContext: SecureContext | undefined,
): Promise<RequestOptions & { secureContext?: SecureContext }> {
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
    ...(secureContext && { secureContext }),
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
  const secured = connect({
    socket,
    servername: url.hostname,
    ...(secureContext && { secureContext }),
  });
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

/** Trusts what Python and curl trust; undefined if Node trusts the same. */
async function makeSecureContext(env: Env): Promise<SecureContext | undefined> {
  const ca = await allAuthorities(env);
  if (ca === undefined) return undefined;
  const { createSecureContext } = await import("node:tls");
  return createSecureContext({ ca });
}

/** The answer to a request made by `ask`, retried on temporary failures. */
async function answerAtLast(
  ask: () => Promise<IncomingMessage>,
  { env, signal, retries = Number(env.PIP_RETRIES || RETRIES) }: Transfer,
): Promise<IncomingMessage> {
  for (let failures = 0; ; failures++) {
    const isLast = failures >= retries || Number.isNaN(retries);
    try {
      const response = await ask();
      if (isLast || !PASSING_STATUS.includes(response.statusCode ?? 0)) return response;
      response.resume();
    } catch (error) {
      const { code = "" } = error as NodeJS.ErrnoException;
      if (isLast || signal.aborted || !PASSING_ERROR.test(code)) throw error;
    }
    if (failures > 0) await wait(BACK_OFF * 2 ** failures, undefined, { signal });
  }
}

async function body(response: IncomingMessage): Promise<Uint8Array> {
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

/** The bytes at `url`. Throws for anything but a complete successful answer. */
export async function get(address: string, transfer: Transfer): Promise<Uint8Array> {
  let url = new URL(address);
  let secureContext: SecureContext | undefined;
  for (let redirects = 0; redirects <= MAX_REDIRECTS; redirects++) {
    if (url.protocol !== "http:" && url.protocol !== "https:") {
      throw new Error(`unknown url type: ${url.protocol.slice(0, -1)}`);
    }
    const isSecure = url.protocol === "https:";
    const { request } = isSecure ? await import("node:https") : await import("node:http");
    if (isSecure) secureContext ??= await makeSecureContext(transfer.env);
    const proxy = proxyFor(url, transfer.env);
    const current = url;
    const response = await answerAtLast(
      async () => answer(request(await requestOptions(current, proxy, transfer, secureContext))),
      transfer,
    );
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
