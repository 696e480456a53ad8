import { mkdirSync, writeFileSync } from "node:fs";
import { rm } from "node:fs/promises";
import { networkInterfaces } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { allKeywords } from "../../../src/ssh/config/keywords.ts";
import { offersTo } from "../../../src/ssh/offers.ts";
import { resolveTarget } from "../../../src/ssh/resolve.ts";
import type { ResolvedTarget } from "../../../src/ssh/target.ts";
import { scratchFolder } from "../../support/servers.ts";

let home: string;
beforeEach(async () => {
  home = await scratchFolder();
  mkdirSync(join(home, ".ssh"));
});
afterEach(() => rm(home, { recursive: true, force: true }));

async function resolved(text: string): Promise<ResolvedTarget> {
  writeFileSync(join(home, ".ssh/config"), text);
  writeFileSync(join(home, "more"), "Port 2201\n");
  return resolveTarget(
    { host: "localhost", systemConfigFile: join(home, "none") },
    { HOME: home, USER: "me", SSH_AUTH_SOCK: "/run/agent" },
  );
}

const METHODS = ["publickey", "keyboard-interactive", "password"];
const without = (method: string) => METHODS.filter((one) => one !== method);
const loopback = Object.entries(networkInterfaces()).find(([, found]) =>
  found?.some(({ address }) => address === "127.0.0.1"),
)?.[0];

/** The effect of a line on the connection; a keyword may have several. */
const CHANGES: [line: string, part: keyof ResolvedTarget, value: unknown][] = [
  ["Host local*\n Port 2201", "port", 2201],
  ["Host other\n Port 2201", "port", 22],
  ["Match host localhost\n Port 2201", "port", 2201],
  ["Match host other\n Port 2201", "port", 22],
  ["Include ${HOME}/more", "port", 2201],
  ["IgnoreUnknown Novel*\nNovelty yes\nPort 2201", "port", 2201],
  ["Tag here\nMatch tagged here\n Port 2201", "port", 2201],
  ["HostName %h.example.org", "hostName", "localhost.example.org"],
  ["Port 2201", "port", 2201],
  ["User dep", "user", "dep"],
  ["AddressFamily inet", "family", 4],
  ["AddressFamily inet6", "family", 6],
  ["BindAddress 127.0.0.1", "bindAddress", "127.0.0.1"],
  [`BindInterface ${loopback}\nAddressFamily inet`, "bindAddress", "127.0.0.1"],
  ["ProxyCommand nc %h %p", "proxyCommand", "nc localhost 22"],
  ["ProxyJump me@gate:2200,two", "jumps", ["me@gate:2200", "two"]],
  // Read again under the full name, which is the same here.
  ["CanonicalizeHostname yes\nMatch canonical\n Port 2201", "port", 2201],
  ["Match canonical\n Port 2201", "port", 22],
  ["ConnectTimeout 1m", "connectTimeout", 60],
  ["ConnectionAttempts 3", "connectionAttempts", 3],
  ["ServerAliveInterval 1m", "alive", { seconds: 60, count: 3 }],
  ["ServerAliveCountMax 7", "alive", { seconds: 15, count: 7 }],
  ["TCPKeepAlive no", "tcpKeepAlive", false],
  ["Compression yes", "compression", true],
  ["UserKnownHostsFile /k1 /k2\nGlobalKnownHostsFile none", "knownHostsFiles", ["/k1", "/k2"]],
  ["UserKnownHostsFile none\nGlobalKnownHostsFile /g1 /g2", "knownHostsFiles", ["/g1", "/g2"]],
  ["HostKeyAlias other", "hostKeyName", "other"],
  ["HashKnownHosts yes", "hashNames", true],
  ["HashKnownHosts no", "hashNames", false],
  ["RevokedHostKeys /revoked", "revokedKeysFile", "/revoked"],
  ["NoHostAuthenticationForLocalhost yes", "trustLoopback", true],
  ["StrictHostKeyChecking yes", "unknownHostKeys", "refuse"],
  ["StrictHostKeyChecking no", "unknownHostKeys", "accept"],
  ["StrictHostKeyChecking ask", "unknownHostKeys", "ask"],
  ["RequiredRSASize 3072", "requiredRsaSize", 3072],
  ["IdentityFile /k1\nIdentityFile /k2", "identities", identities("/k1", "/k2")],
  ["CertificateFile /c1\nCertificateFile /c2", "certificates", ["/c1", "/c2"]],
  ["IdentitiesOnly yes", "identitiesOnly", true],
  ["IdentityAgent /run/other", "agent", "/run/other"],
  ["IdentityAgent none", "agent", undefined],
  ["PubkeyAuthentication no", "methods", without("publickey")],
  ["PasswordAuthentication no", "methods", without("password")],
  ["KbdInteractiveAuthentication no", "methods", without("keyboard-interactive")],
  ["PreferredAuthentications password,publickey", "methods", ["password", "publickey"]],
  ["NumberOfPasswordPrompts 1", "passwordPrompts", 1],
  ["BatchMode yes", "batch", true],
  ["BatchMode yes", "askPassword", false],
  ["ForwardAgent yes", "forwardedAgent", "/run/agent"],
  ["ForwardAgent no", "forwardedAgent", undefined],
  ["ForwardAgent /run/other", "forwardedAgent", "/run/other"],
  ["SetEnv A=b C='d e'", "environment", { A: "b", C: "d e" }],
];

/** Which of the offers a line reduces to which. */
const OFFERS: [
  line: string,
  part: "kex" | "cipher" | "hmac" | "hostKeys" | "userKeys" | "authorities",
  names: string[],
][] = [
  ["KexAlgorithms ecdh-sha2-nistp256", "kex", ["ecdh-sha2-nistp256"]],
  ["Ciphers aes256-ctr,aes128-ctr", "cipher", ["aes256-ctr", "aes128-ctr"]],
  ["MACs hmac-sha2-256", "hmac", ["hmac-sha2-256"]],
  ["HostKeyAlgorithms ssh-ed25519", "hostKeys", ["ssh-ed25519"]],
  ["PubkeyAcceptedAlgorithms rsa-sha2-256", "userKeys", ["rsa-sha2-256"]],
  ["CASignatureAlgorithms ssh-ed25519", "authorities", ["ssh-ed25519"]],
];

/** Keywords with a test of their own elsewhere, as they need names of hosts or a host. */
const ELSEWHERE = {
  CanonicalDomains: "canonical-names.test.ts",
  CanonicalizeFallbackLocal: "canonical-names.test.ts",
  CanonicalizeMaxDots: "canonical-names.test.ts",
  CanonicalizePermittedCNAMEs: "canonical-names.test.ts",
  KnownHostsCommand: "certificates.test.ts",
  RefuseConnection: "below",
};

function identities(...paths: string[]) {
  return paths.map((path) => ({ path, required: false }));
}

test.each(CHANGES)("%j decides %s", async (line, part, value) => {
  expect((await resolved(`${line.replace("${HOME}", home)}\n`))[part]).toEqual(value);
});

test.each(OFFERS)("%s changes the offered %s", async (line, part, names) => {
  expect((await offersTo(await resolved(`${line}\n`)))[part]).toEqual(names);
});

test("RefuseConnection ends the login with its message", async () => {
  await expect(resolved('RefuseConnection "moved to web2"\n')).rejects.toMatchObject({
    code: "ssh-config-invalid",
    message: expect.stringContaining("moved to web2"),
    location: { line: 1 },
  });
});

test("every keyword that is honored has a test", () => {
  const lines = [...CHANGES, ...OFFERS].flatMap(([line]) => line.split("\n"));
  const tested = new Set([
    ...lines.map((line) => line.trim().split(" ")[0]),
    ...Object.keys(ELSEWHERE),
  ]);
  const honored = allKeywords().filter(({ verdict }) => verdict === "honored");
  expect(honored.map(({ name }) => name).filter((name) => !tested.has(name))).toEqual([]);
});
