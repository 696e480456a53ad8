import { spawn, spawnSync } from "node:child_process";
import { rm } from "node:fs/promises";
import { createServer, type Socket } from "node:net";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { connect } from "../../src/ssh/connect.ts";
import { WireReader } from "../../src/ssh/keys/wire.ts";
import { offersTo } from "../../src/ssh/offers.ts";
import { resolveTarget } from "../../src/ssh/resolve.ts";
import type { HostTarget } from "../../src/ssh/target.ts";
import {
  nobody,
  scratchFolder,
  sshdMissing,
  startSshdServer,
  type TestServer,
  targetOf,
} from "../support/servers.ts";

test("weak algorithms are offered with 'legacy-algorithms' only", async () => {
  const target = { host: "h", sshConfigFile: "/nothing" };
  const offers = await offersTo(await resolveTarget(target, { HOME: "/nothing" }));
  const all = [...offers.kex, ...offers.cipher, ...offers.hmac, ...offers.compress];
  expect(all.filter((name) => /sha1|md5|cbc|arcfour|^zlib$/.test(name))).toEqual([]);
  expect([...offers.hostKeys, ...offers.userKeys]).not.toContain("ssh-rsa");

  const legacy = { ...target, legacyAlgorithms: true };
  const old = await offersTo(await resolveTarget(legacy, { HOME: "/nothing" }));
  expect(old.hmac).toContain("hmac-sha1");
  expect(old.kex).toContain("diffie-hellman-group14-sha1");
  expect(old.compress).toContain("zlib");
  expect(old.hostKeys.at(-1)).toMatch(/ssh-(rsa|dss)/);
});

/** The lists of a client's first packet, as they go over the wire (RFC 4253, 7.1). */
const LISTS = [
  ...["kex", "hostKeys", "cipher", "cipherBack", "hmac", "hmacBack", "compress", "compressBack"],
] as const;
type Lists = Record<(typeof LISTS)[number], string[]>;

/** The offer of a client that `start` connects to a port of 127.0.0.1. */
function offeredBy(start: (port: number) => void): Promise<Lists> {
  return new Promise((resolve, reject) => {
    const server = createServer((socket: Socket) => {
      let received = Buffer.alloc(0);
      socket.on("error", () => {}).write("SSH-2.0-listens\r\n");
      socket.on("data", (data) => {
        received = Buffer.concat([received, data]);
        const begin = received.indexOf("\n") + 1;
        if (begin === 0 || received.length < begin + 4) return;
        const packet = received.subarray(begin + 4);
        if (packet.length < received.readUInt32BE(begin)) return;
        // Padding length, message number and cookie come first.
        const reader = new WireReader(packet.subarray(1 + 1 + 16));
        const lists = LISTS.map((name) => [name, reader.text().split(",")]);
        socket.destroy();
        server.close();
        resolve(Object.fromEntries(lists));
      });
    });
    server.on("error", reject);
    server.listen(0, "127.0.0.1", () => start((server.address() as { port: number }).port));
  });
}

const ours = (change: Partial<HostTarget>) =>
  offeredBy((port) => {
    const target = { host: "127.0.0.1", port, user: "me", sshConfigFile: "/nothing", ...change };
    connect(target, nobody("/nothing")).catch(() => {});
  });

test("on the wire, nothing is offered by default but this", async () => {
  const sorted = Object.entries(await ours({})).map(([name, list]) => [name, [...list].sort()]);
  const ciphers = [
    ...["aes128-ctr", "aes128-gcm@openssh.com", "aes192-ctr", "aes256-ctr"],
    ...["aes256-gcm@openssh.com", "chacha20-poly1305@openssh.com"],
  ];
  const macs = [
    ...["hmac-sha2-256", "hmac-sha2-256-etm@openssh.com"],
    ...["hmac-sha2-512", "hmac-sha2-512-etm@openssh.com"],
  ];
  expect(Object.fromEntries(sorted)).toEqual({
    kex: [
      ...["curve25519-sha256", "curve25519-sha256@libssh.org"],
      "diffie-hellman-group-exchange-sha256",
      ...["diffie-hellman-group14-sha256", "diffie-hellman-group15-sha512"],
      ...["diffie-hellman-group16-sha512", "diffie-hellman-group17-sha512"],
      "diffie-hellman-group18-sha512",
      ...["ecdh-sha2-nistp256", "ecdh-sha2-nistp384", "ecdh-sha2-nistp521"],
      // Not algorithms, but extensions of the client: these two close the Terrapin attack.
      ...["ext-info-c", "kex-strict-c-v00@openssh.com"],
    ],
    hostKeys: [
      ...["ecdsa-sha2-nistp256", "ecdsa-sha2-nistp256-cert-v01@openssh.com"],
      ...["ecdsa-sha2-nistp384", "ecdsa-sha2-nistp384-cert-v01@openssh.com"],
      ...["ecdsa-sha2-nistp521", "ecdsa-sha2-nistp521-cert-v01@openssh.com"],
      ...["rsa-sha2-256", "rsa-sha2-512"],
      ...["ssh-ed25519", "ssh-ed25519-cert-v01@openssh.com"],
    ],
    ...{ cipher: ciphers, cipherBack: ciphers, hmac: macs, hmacBack: macs },
    ...{ compress: ["none", "zlib@openssh.com"], compressBack: ["none", "zlib@openssh.com"] },
  });
});

const sshMissing = spawnSync("ssh", ["-V"]).error ? "apt-get install openssh-client" : undefined;
if (sshMissing && process.env.CI) throw new Error(sshMissing);

test.skipIf(sshMissing)("nothing is offered that ssh does not offer", async () => {
  const theirs = await offeredBy((port) => {
    const batch = ["-o", "BatchMode=yes", "-o", "StrictHostKeyChecking=no"];
    spawn("ssh", ["-F", "none", ...batch, "-p", `${port}`, "127.0.0.1"], { stdio: "ignore" });
  });
  const beyond = (mine: Lists) =>
    LISTS.flatMap((list) => mine[list].filter((name) => !theirs[list].includes(name)));
  // Of the same kind as group 14, 16 and 18, which ssh has.
  const groups = ["diffie-hellman-group15-sha512", "diffie-hellman-group17-sha512"];
  expect(beyond(await ours({}))).toEqual(groups);
  expect(beyond(await ours({ legacyAlgorithms: true }))).toEqual(
    expect.arrayContaining(["diffie-hellman-group1-sha1", "3des-cbc", "hmac-md5"]),
  );
});

describe.skipIf(sshdMissing)("a host with old algorithms alone", () => {
  let folder: string;
  let server: TestServer;
  beforeAll(async () => {
    folder = await scratchFolder();
    server = await startSshdServer(["MACs hmac-sha1", "Ciphers aes128-cbc"]);
  });
  afterAll(async () => {
    await server?.close();
    await rm(folder, { recursive: true, force: true });
  });

  test("is refused, and the hint names the option", async () => {
    await expect(connect(targetOf(server, folder), nobody(folder))).rejects.toMatchObject({
      code: "handshake-failed",
      hint: expect.stringContaining("legacy-algorithms = true"),
    });
  });

  test("is reached with it", async () => {
    const target = { ...targetOf(server, folder), legacyAlgorithms: true };
    const host = await connect(target, nobody(folder));
    expect((await host.exec("echo in")).stdout).toBe("in\n");
    await host.close();
  });
});
