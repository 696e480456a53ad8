import { isIP } from "node:net";

/** One word of `tunnel-allow`: a name, an address or a network, optionally with a port. */
export interface TunnelRule {
  /** Undefined: every port. */
  port: number | undefined;
  /** A lowercase host name; its addresses are allowed. */
  name: string | undefined;
  /** All addresses that share the first `bits` with `address`; undefined for a name. */
  network: { address: string; bits: number } | undefined;
}

/** `NAME`, `ADDRESS` or `ADDRESS/PREFIX`, each with `:PORT` or without; IPv6 with a port in brackets. */
export function tunnelRule(word: string): TunnelRule | undefined {
  const isBareIpv6 = isIP(word.split("/")[0]!) === 6;
  const match = /^(?:\[([^\]]+)\]|([^:[\]]+))(?::(\d+))?$/.exec(isBareIpv6 ? `[${word}]` : word);
  if (match === null) return undefined;
  const place = match[1] ?? match[2]!;
  const port = match[3] === undefined ? undefined : Number(match[3]);
  if (port !== undefined && (port < 1 || port > 65535)) return undefined;
  const [address = "", prefix] = place.split("/");
  const family = isIP(address);
  if (family === 0) {
    const isName = /^[a-z0-9_]([a-z0-9_.-]*[a-z0-9_])?\.?$/i.test(place);
    return isName ? { port, name: plainName(place), network: undefined } : undefined;
  }
  const most = family === 4 ? 32 : 128;
  const bits = prefix === undefined ? most : Number(prefix);
  if (!/^\d+$/.test(prefix ?? "0") || bits > most || place.split("/").length > 2) return undefined;
  return { port, name: undefined, network: { address, bits } };
}

/** A normalized host name: lowercase, without trailing dot. */
export function plainName(name: string): string {
  return name.toLowerCase().replace(/\.$/, "");
}
