import { randomBytes } from "node:crypto";
import { readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { login, scratchFolder, servers, type TestServer } from "../../support/servers.ts";

/** Each kind of packet that ssh2 makes: requests are written into the packets themselves. */
const SETTINGS = {
  GCM: "Ciphers aes128-gcm@openssh.com",
  ChaCha20: "Ciphers chacha20-poly1305@openssh.com",
  "CTR, MAC of the encrypted packet": "Ciphers aes128-ctr\nMACs hmac-sha2-256-etm@openssh.com",
  "CTR, MAC of the plain packet": "Ciphers aes256-ctr\nMACs hmac-sha2-512",
  "a compressed connection": "Compression yes",
};

describe.each(servers)("large files on $name", ({ start, missing }) => {
  describe.skipIf(missing)(missing ?? "", () => {
    const piece = 255 * 1024;
    // Ends with part of a piece, with a whole piece, and is one piece.
    const sizes = [5 * piece + 4321, 4 * piece, piece];
    const bytes = randomBytes(Math.max(...sizes));
    let local: string;
    let server: TestServer;
    beforeAll(async () => {
      local = await scratchFolder();
      server = await start();
    });
    afterAll(async () => {
      await server?.close();
      await rm(local, { recursive: true, force: true });
    });

    test.each(Object.entries(SETTINGS))("go there and back: %s", async (_, lines) => {
      await writeFile(join(local, "ssh_config"), `${lines}\n`);
      const host = await login(server, local);
      try {
        for (const size of sizes) {
          const content = bytes.subarray(0, size);
          await writeFile(join(local, "file"), content);
          await host.put(join(local, "file"), `${server.home}/file`);
          expect((await readFile(join(server.home, "file"))).equals(content)).toBe(true);
          await host.put(content, `${server.home}/bytes`);
          await host.get(`${server.home}/bytes`, join(local, "back"));
          expect((await readFile(join(local, "back"))).equals(content)).toBe(true);
        }
      } finally {
        await host.close();
      }
    });
  });
});
