import type { LookupAddress } from "node:dns";
import { isIP } from "node:net";
import { expect, test } from "vitest";
import { allowedAddresses } from "../../../src/deploy/host/tunnel-guard.ts";
import { tunnelRule } from "../../../src/deploy/part/tunnel-allow.ts";

const of = (...addresses: string[]): LookupAddress[] =>
  addresses.map((address) => ({ address, family: isIP(address) }));

/** Whether the tunnel may connect to it if the name resolves to `addresses`. */
async function leads(target: string, allow: string, addresses: string[] = []): Promise<boolean> {
  const { hostname, port } = new URL(`tunnel://${target}`);
  const rules = allow === "" ? [] : allow.split(" ").map((word) => tunnelRule(word)!);
  return allowedAddresses(hostname, Number(port), rules, async () => of(...addresses)).then(
    () => true,
    (error: Error) => {
      expect(error.message).toMatch(/^The tunnel does not lead to \S+ port \d+: \S+ is a /);
      return false;
    },
  );
}

test.each([
  "127.0.0.1",
  "127.9.9.9",
  "0.0.0.0",
  "10.1.2.3",
  "172.31.0.1",
  "192.168.1.1",
  "100.64.0.1",
  "169.254.169.254",
  "224.0.0.1",
  "[::1]",
  "[::]",
  "[fe80::1]",
  "[fd00::1]",
  "[::ffff:127.0.0.1]",
  "[::ffff:a00:1]",
  "[::ffff:0:10.0.0.1]",
  "[::127.0.0.1]",
  "[64:ff9b::192.168.0.1]",
  "[2002:7f00:1::]",
])("%s is refused, unless it is allowed", async (address) => {
  expect(await leads(`${address}:80`, "")).toBe(false);
  expect(await leads("name.example:80", "", [address.replace(/[[\]]/g, "")])).toBe(false);
  expect(await leads("name.example:80", "", ["8.8.8.8", address.replace(/[[\]]/g, "")])).toBe(
    false,
  );
  expect(await leads("name.example:80", "name.example", ["10.0.0.1"])).toBe(true);
});

test.each(["8.8.8.8", "[2606:4700::1111]", "[64:ff9b::8.8.8.8]", "172.32.0.1"])(
  "%s is of the internet",
  async (address) => {
    expect(await leads(`${address}:443`, "")).toBe(true);
  },
);

test.each([
  ["10.0.0.5:80", "10.0.0.5", true],
  ["10.0.0.5:80", "10.0.0.5:80", true],
  ["10.0.0.5:81", "10.0.0.5:80", false],
  ["10.0.0.6:80", "10.0.0.5", false],
  ["10.0.9.9:80", "192.168.0.0/16 10.0.0.0/16:80", true],
  ["[::ffff:10.0.9.9]:80", "10.0.0.0/16", true],
  ["[fd00::9]:80", "fd00::/16", true],
  ["[fd00::9]:81", "[fd00::/16]:80", false],
  ["intern.example.:80", "Intern.Example:80", true],
  ["x.intern.example:80", "intern.example", false],
  ["intern.example:80", "10.0.0.1", true],
])("%s with tunnel-allow = %s: %s", async (target, allow, expected) => {
  expect(await leads(target, allow, ["10.0.0.1"])).toBe(expected);
});

test("the addresses that were checked are the ones to connect to", async () => {
  const answers = [of("8.8.8.8"), of("127.0.0.1")];
  const resolve = async () => answers.shift()!;
  expect(await allowedAddresses("rebind.example", 80, [], resolve)).toEqual(of("8.8.8.8"));
  await expect(allowedAddresses("rebind.example", 80, [], resolve)).rejects.toThrow("127.0.0.1");
});

test.each([
  "",
  "a b",
  "10.0.0.0/33",
  "10.0.0.0/x",
  "host:0",
  "host:99999",
  "http://x",
  "[::1",
  "-x",
])("%j is not a rule", (word) => expect(tunnelRule(word)).toBeUndefined());
