import { rm } from "node:fs/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { connect } from "../../src/ssh/connect.ts";
import { offersTo } from "../../src/ssh/offers.ts";
import { resolveTarget } from "../../src/ssh/resolve.ts";
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
