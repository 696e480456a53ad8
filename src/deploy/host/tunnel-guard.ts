/** Limits the tunnel: the host must not reach what only the deploying machine can. */
import type { LookupAddress } from "node:dns";
import { BlockList, isIP } from "node:net";
import { networkInterfaces } from "node:os";
import { plainName, type TunnelRule } from "../part/tunnel-allow.ts";

/** Resolves a name to all its addresses. */
export type Resolve = (name: string) => Promise<LookupAddress[]>;

/** A forbidden target of the tunnel. */
export class RefusedTarget extends Error {}

/** Networks outside the internet, with their descriptions. */
const CLOSED: [kind: string, networks: string[]][] = [
  ["loopback", ["127.0.0.0/8", "::1/128"]],
  ["link-local", ["169.254.0.0/16", "fe80::/10"]],
  [
    "private",
    ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "fc00::/7", "fec0::/10"],
  ],
  // 0.0.0.0 and :: are this machine; 6to4 and Teredo carry IPv4 addresses.
  ["special", ["0.0.0.0/8", "192.0.0.0/24", "198.18.0.0/15", "224.0.0.0/3", "::/128", "ff00::/8"]],
  ["special", ["2002::/16", "2001::/32"]],
];

const closed = CLOSED.map(([kind, networks]) => {
  const ranges = networks.map((network) => {
    const [address = "", bits] = network.split("/");
    return { address, bits: Number(bits) };
  });
  return { kind, list: listOf(ranges) };
});

function listOf(networks: readonly { address: string; bits: number }[]): BlockList {
  const list = new BlockList();
  for (const { address, bits } of networks) list.addSubnet(address, bits, kindOfIp(address));
  return list;
}

function kindOfIp(address: string): "ipv4" | "ipv6" {
  return isIP(address) === 4 ? "ipv4" : "ipv6";
}

/**
 * The addresses that the tunnel connects to for `hostname`, all of them checked; the caller connects to
 * these without resolving again, so that a second DNS answer has no effect. Throws `RefusedTarget` and
 * errors of `resolve`.
 */
export async function allowedAddresses(
  hostname: string,
  port: number,
  rules: readonly TunnelRule[],
  resolve: Resolve,
): Promise<LookupAddress[]> {
  const name = plainName(hostname.replace(/^\[(.*)\]$/, "$1"));
  const family = isIP(name);
  const addresses = family === 0 ? await resolve(name) : [{ address: name, family }];
  const own = rules.filter((rule) => rule.port === undefined || rule.port === port);
  if (own.some((rule) => rule.name === name)) return addresses;
  const allowed = listOf(own.flatMap(({ network }) => network ?? []));
  for (const { address } of addresses) {
    const plain = embeddedIpv4(address) ?? address;
    const kind = kindOf(plain);
    if (kind === undefined || includes(allowed, plain)) continue;
    throw new RefusedTarget(
      `The tunnel does not lead to ${name} port ${port}: ${plain === name ? "it" : plain} is a ${kind} address on this side.`,
    );
  }
  return addresses;
}

/** Undefined for an internet address. */
function kindOf(address: string): string | undefined {
  const found = closed.find(({ list }) => includes(list, address));
  if (found !== undefined) return found.kind;
  const own = Object.values(networkInterfaces()).flatMap((one) => one ?? []);
  return own.some((one) => one.address === address) ? "local" : undefined;
}

function includes(list: BlockList, address: string): boolean {
  return list.check(address, kindOfIp(address));
}

/** The IPv4 address in `::ffff:10.0.0.1`, `::10.0.0.1` and, for NAT64, `64:ff9b::10.0.0.1`. */
function embeddedIpv4(address: string): string | undefined {
  if (isIP(address) !== 6) return undefined;
  // URL normalizes IPv6: ::ffff:a00:1.
  const short = new URL(`http://[${address.replace(/%.*/, "")}]`).hostname.slice(1, -1);
  const match = /^(?:::ffff:|::ffff:0:|64:ff9b::|::)([0-9a-f]{1,4}):([0-9a-f]{1,4})$/.exec(short);
  if (match === null) return undefined;
  const [high, low] = [Number.parseInt(match[1]!, 16), Number.parseInt(match[2]!, 16)];
  return [high >> 8, high & 255, low >> 8, low & 255].join(".");
}
