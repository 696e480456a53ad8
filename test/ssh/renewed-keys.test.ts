import { randomBytes } from "node:crypto";
import { readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { HostConnection } from "../../src/ssh/connection.ts";
import {
  login,
  scratchFolder,
  sshdMissing,
  startSshdServer,
  type TestServer,
} from "../support/servers.ts";

/** sshd does this by itself after a gigabyte or an hour, but here many times. */
describe.skipIf(sshdMissing)("a host that renews the keys of the session", () => {
  const bytes = randomBytes(20_000_000);
  let local: string;
  let server: TestServer;
  let host: HostConnection;
  beforeAll(async () => {
    local = await scratchFolder();
    server = await startSshdServer(["RekeyLimit 1M"]);
    host = await login(server, local);
    await writeFile(join(local, "big"), bytes);
  });
  afterAll(async () => {
    await host?.close();
    await server?.close();
    await rm(local, { recursive: true, force: true });
  });

  test("20 MB are transferred both ways", async () => {
    await host.put(join(local, "big"), `${server.home}/big`);
    await host.get(`${server.home}/big`, join(local, "back"));
    expect((await readFile(join(local, "back"))).equals(bytes)).toBe(true);
  });

  test("commands continue at the same time", async () => {
    const [, ...results] = await Promise.all([
      host.get(`${server.home}/big`, join(local, "back")),
      ...[1, 2, 3].map(() =>
        host.exec("head -c 3000000 /dev/zero | wc -c; cat", {
          input: bytes.subarray(0, 500_000),
          keep: "end",
        }),
      ),
    ]);
    expect(results.map(({ code }) => code)).toEqual([0, 0, 0]);
    expect((await readFile(join(local, "back"))).equals(bytes)).toBe(true);
  });
});
