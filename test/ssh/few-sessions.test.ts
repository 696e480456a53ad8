import { mkdirSync } from "node:fs";
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

describe.skipIf(sshdMissing)("a host with few sessions", () => {
  describe.each([1, 2])("MaxSessions %i", (sessions) => {
    let local: string;
    let server: TestServer;
    let host: HostConnection;
    beforeAll(async () => {
      local = await scratchFolder();
      server = await startSshdServer([`MaxSessions ${sessions}`]);
      host = await login(server, local);
    });
    afterAll(async () => {
      await host?.close();
      await server?.close();
      await rm(local, { recursive: true, force: true });
    });

    test("commands and files take turns, one after the other", async () => {
      for (let i = 0; i < 3; i++) {
        const file = `${server.home}/turn${i}`;
        await host.put(Buffer.from(`turn ${i}`), file);
        expect((await host.exec(`cat ${file}`)).stdout).toBe(`turn ${i}`);
        await host.get(file, join(local, "turn"));
        expect(await readFile(join(local, "turn"), "utf8")).toBe(`turn ${i}`);
      }
    });

    test("parallel commands and files wait for each other", async () => {
      const bytes = Buffer.alloc(3_000_000, "all at once ");
      await writeFile(join(local, "big"), bytes);
      const numbers = Array.from({ length: 6 }, (_, i) => i);
      const outcomes = await Promise.all(
        numbers.map(async (i) => {
          const file = `${server.home}/at-once${i}`;
          const [, { stdout }] = await Promise.all([
            host.put(join(local, "big"), file),
            host.exec(`echo ${i}`),
          ]);
          return [stdout, (await host.readFile(file)).equals(bytes)];
        }),
      );
      expect(outcomes).toEqual(numbers.map((i) => [`${i}\n`, true]));
    });

    test("a directory is transferred both ways while commands run", async () => {
      mkdirSync(join(local, "tree/deep"), { recursive: true });
      const names = Array.from({ length: 30 }, (_, i) => `deep/file${i}`);
      await Promise.all(names.map((name) => writeFile(join(local, "tree", name), name)));
      await host.putDirectory(join(local, "tree"), `${server.home}/tree`);
      const [, { stdout }] = await Promise.all([
        host.getDirectory(`${server.home}/tree`, join(local, "back")),
        host.exec("echo beside"),
      ]);
      expect(stdout).toBe("beside\n");
      expect(await readFile(join(local, "back/deep/file29"), "utf8")).toBe("deep/file29");
    });

    test("a transfer waits for the end of a command that has the last session", async () => {
      const waiting = Array.from({ length: sessions }, () =>
        host.exec(`until [ -e ${server.home}/go ]; do sleep 0.05; done`),
      );
      const transfer = host.put(Buffer.from("late"), `${server.home}/late`);
      await writeFile(join(server.home, "go"), "");
      expect((await Promise.all(waiting)).map(({ code }) => code)).toEqual(waiting.map(() => 0));
      await transfer;
      expect(await readFile(join(server.home, "late"), "utf8")).toBe("late");
    });
  });

  test.each([2, 3])("of %i sessions, an endless command uses only its own", async (sessions) => {
    const local = await scratchFolder();
    const server = await startSshdServer([`MaxSessions ${sessions}`]);
    const host = await login(server, local);
    const abort = new AbortController();
    const endless = host.exec("exec sleep 3600", { signal: abort.signal });
    const numbers = Array.from({ length: 30 }, (_, i) => i);
    const results = await Promise.all(numbers.map((i) => host.exec(`echo ${i}`)));
    expect(results.map(({ stdout }) => Number(stdout))).toEqual(numbers);
    abort.abort();
    await expect(endless).rejects.toMatchObject({ code: "interrupted" });
    await host.close();
    await server.close();
    await rm(local, { recursive: true, force: true });
  });

  test("a command that waits for a session is interrupted at once", async () => {
    const local = await scratchFolder();
    const server = await startSshdServer(["MaxSessions 1"]);
    const host = await login(server, local);
    const endless = host.exec("echo started; exec sleep 3600").catch((error) => error);
    const abort = new AbortController();
    const waiting = host.exec("true", { signal: abort.signal });
    setTimeout(() => abort.abort(), 100);
    await expect(waiting).rejects.toMatchObject({ code: "interrupted" });
    await host.close();
    expect(await endless).toMatchObject({ code: "connection-lost" });
    await server.close();
    await rm(local, { recursive: true, force: true });
  });

  test("one that grants no session at all is called that", async () => {
    const local = await scratchFolder();
    const server = await startSshdServer(["MaxSessions 0"]);
    const host = await login(server, local);
    await expect(Promise.all([host.exec("true"), host.exec("true")])).rejects.toMatchObject({
      code: "channel-refused",
      hint: expect.stringContaining("MaxSessions"),
    });
    await expect(host.put(Buffer.from("x"), `${server.home}/x`)).rejects.toMatchObject({
      code: "sftp-unavailable",
      hint: expect.stringContaining("MaxSessions"),
    });
    await host.close();
    await server.close();
    await rm(local, { recursive: true, force: true });
  });
});
