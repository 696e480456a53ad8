import { createHash, randomBytes } from "node:crypto";
import { access, rm } from "node:fs/promises";
import { Readable } from "node:stream";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { originalBytes } from "../../../src/pythonic/surrogate-escape.ts";
import type { HostConnection } from "../../../src/ssh/connection.ts";
import {
  eventually,
  login,
  processesWith,
  scratchFolder,
  servers,
  sshdMissing,
  startSshdServer,
  type TestServer,
} from "../../support/servers.ts";

describe.each(servers)("commands on $name", ({ name: kind, start, missing, limited }) => {
  describe.skipIf(missing)(missing ?? "", () => {
    let folder: string;
    let server: TestServer;
    let host: HostConnection;

    beforeAll(async () => {
      folder = await scratchFolder();
      server = await start();
      host = await login(server, folder);
    });
    afterAll(async () => {
      await host?.close();
      await server?.close();
      await rm(folder, { recursive: true, force: true });
    });

    test("both outputs and the status are separate", async () => {
      expect(await host.exec("echo out; echo err >&2; exit 7")).toEqual({
        stdout: "out\n",
        stderr: "err\n",
        code: 7,
      });
    });

    test("a command that does not exist is a result, no error", async () => {
      const { code, stderr } = await host.exec("no-such-command-here");
      expect(code).toBe(127);
      expect(stderr).toContain("no-such-command-here");
    });

    test("a signal that ends a command is named", async () => {
      expect(await host.exec("kill -KILL $$")).toMatchObject({ code: null, signal: "SIGKILL" });
    });

    test.skipIf(limited)("commands start in the home directory", async () => {
      expect((await host.exec("pwd -P")).stdout).toBe(`${server.home}\n`);
    });

    test("without input a command finds the end of it", async () => {
      expect(await host.exec("cat; echo done")).toMatchObject({ stdout: "done\n", code: 0 });
    });

    test("input may be text, bytes or a stream", async () => {
      expect((await host.exec("cat", { input: "äöü" })).stdout).toBe("äöü");
      const stream = Readable.from([Buffer.from("one "), Buffer.from("two")]);
      expect((await host.exec("cat", { input: stream })).stdout).toBe("one two");
      const bytes = Buffer.from(Array.from({ length: 256 }, (_, i) => i));
      const { stdout } = await host.exec("od -An -v -tx1 | tr -d ' \\n'", { input: bytes });
      expect(stdout).toBe(bytes.toString("hex"));
    });

    test("input that fails ends the command, though it fails before the command runs", async () => {
      const broken = new Readable({ read() {} });
      const running = host.exec("cat", { input: broken });
      broken.destroy(new Error("no more of it"));
      await expect(running).rejects.toMatchObject({
        code: "input-failed",
        message: expect.stringContaining("no more of it"),
      });
    });

    test("a command may leave its input unread", async () => {
      const input = Readable.from(
        (function* () {
          for (let i = 0; i < 400; i++) yield Buffer.alloc(64 * 1024);
        })(),
      );
      expect(await host.exec("echo early", { input })).toMatchObject({
        stdout: "early\n",
        code: 0,
      });
    });

    test("10 MB of output arrive complete, without splitting characters", async () => {
      let seen = 0;
      const { stdout } = await host.exec("yes 'äöü€' | head -c 10000000", {
        onStdout: (chunk) => {
          seen += Buffer.byteLength(chunk);
        },
      });
      expect(Buffer.byteLength(stdout)).toBe(10_000_000);
      expect(seen).toBe(10_000_000);
      expect(stdout.replaceAll("äöü€\n", "")).toBe("");
    });

    test("bytes that are not text arrive unchanged, also through the text", async () => {
      const bytes = randomBytes(1_000_000);
      const digest = (data: Buffer) => createHash("sha256").update(data).digest("hex");
      const chunks: Buffer[] = [];
      const { code, stdout } = await host.exec("cat", {
        input: bytes,
        onBytes: (_, chunk) => chunks.push(chunk),
      });
      expect(code).toBe(0);
      expect(digest(Buffer.concat(chunks))).toBe(digest(bytes));
      expect(digest(originalBytes(stdout))).toBe(digest(bytes));
    });

    test("output is reported while the command runs", async () => {
      const chunks: string[] = [];
      const first = new Promise<void>((resolve) => {
        void host
          .exec("echo first; cat >/dev/null; echo second", {
            input: new Readable({
              read() {
                if (chunks.length > 0) this.push(null);
                else setTimeout(() => this.read(0), 5);
              },
            }),
            onStdout: (chunk) => {
              chunks.push(chunk);
              resolve();
            },
          })
          .catch(() => {});
      });
      await first;
      expect(chunks).toEqual(["first\n"]);
    });

    test("20 commands in parallel all end", async () => {
      const numbers = Array.from({ length: 20 }, (_, i) => i);
      const results = await Promise.all(numbers.map((i) => host.exec(`echo ${i}; exit ${i}`)));
      expect(results.map(({ stdout }) => Number(stdout))).toEqual(numbers);
      expect(results.map(({ code }) => code)).toEqual(numbers);
    });

    test("a command that takes too long is ended", async () => {
      const name = `sleep 1234${server.port}`;
      await expect(host.exec(`exec ${name}`, { timeout: 0.3 })).rejects.toMatchObject({
        code: "command-timeout",
        message: expect.stringContaining("0.3 s"),
      });
      await eventually(async () => expect(await processesWith(name)).toEqual([]));
    });

    test("an aborted command is ended", async () => {
      const name = `sleep 2345${server.port}`;
      const abort = new AbortController();
      const running = host.exec(`echo started; exec ${name}`, {
        signal: abort.signal,
        onStdout: () => abort.abort(),
      });
      await expect(running).rejects.toMatchObject({ code: "interrupted" });
      await eventually(async () => expect(await processesWith(name)).toEqual([]));
      await expect(host.exec("echo", { signal: abort.signal })).rejects.toMatchObject({
        code: "interrupted",
      });
    });

    test("a command that is ended may tidy up first", async () => {
      const left = `${server.home}/tidied${Math.random()}`;
      const abort = new AbortController();
      const script = `trap 'echo > ${left}; kill $!; exit' TERM; sleep 9${server.port} & echo started; wait`;
      const running = host.exec(script, { signal: abort.signal, onStdout: () => abort.abort() });
      await expect(running).rejects.toMatchObject({ code: "interrupted" });
      await eventually(() => access(left));
    });

    test.skipIf(limited)("a terminal is provided on request", async () => {
      expect((await host.exec("tty || true")).stdout).not.toContain("/dev/");
      expect((await host.exec("tty", { pty: true })).stdout).toContain("/dev/");
    });

    test.skipIf(limited)("silent commands on a terminal are not hung up on", async () => {
      const pty = true;
      for (let round = 0; round < 5; round++) {
        const all = Array.from({ length: 6 }, () => host.exec('sh -c "exit 3"', { pty }));
        expect(new Set((await Promise.all(all)).map(({ code }) => code))).toEqual(new Set([3]));
      }
      const { stdout } = await host.exec("cat; echo end", { pty, input: "line\n" });
      expect(stdout).toMatch(/line\r\n(line\r\n)?end\r\n$/);
    });

    test.skipIf(limited)(
      "a secret first line shows nowhere, not even on the terminal of sshd",
      async () => {
        const read =
          "IFS= read -r x; [ ! -t 0 ] || stty echo; echo ${#x}; IFS= read -r y; echo got $y";
        for (const pty of kind === "sshd" ? [false, true] : [false]) {
          const result = await host.exec(read, { pty, firstLine: "secret", input: "plain\n" });
          expect(result.stdout.replaceAll("\r", "")).toMatch(
            /^(plain\n)?6\n(plain\n)?got plain\n$/,
          );
        }
      },
    );

    test("only the end of endless output is kept unless more is requested", async () => {
      const command = "yes 0123456789abcde | head -c 48000000; echo the end";
      const { stdout } = await host.exec(command, { keep: "end" });
      expect(stdout.length).toBeLessThan(40_000_000);
      expect(stdout.endsWith("0123456789abcde\nthe end\n")).toBe(true);
    });

    test("more than a result can hold ends the command", async () => {
      const started = host.exec("head -c 300000000 /dev/zero; sleep 3600");
      await expect(started).rejects.toMatchObject({ code: "too-much-output" });
      expect((await host.exec("echo there")).stdout).toBe("there\n");
    });

    test("50 commands one after the other leave no channel open", async () => {
      for (let i = 0; i < 50; i++) await host.exec("true");
      const results = await Promise.all(Array.from({ length: 8 }, () => host.exec("echo ok")));
      expect(results.map(({ stdout }) => stdout)).toEqual(Array(8).fill("ok\n"));
    });

    test("a round trip is counted for each command", async () => {
      const before = host.roundTrips;
      await host.exec("true");
      expect(host.roundTrips - before).toBe(1);
    });
  });
});

test.skipIf(sshdMissing)("a server that allows few sessions gets no more than that", async () => {
  const folder = await scratchFolder();
  const server = await startSshdServer(["MaxSessions 3"]);
  const host = await login(server, folder);
  await host.put(Buffer.from("the SFTP channel is one of the three"), `${server.home}/file`);
  const numbers = Array.from({ length: 12 }, (_, i) => i);
  const results = await Promise.all(numbers.map((i) => host.exec(`echo ${i}`)));
  expect(results.map(({ stdout }) => Number(stdout))).toEqual(numbers);
  await host.close();
  await server.close();
  await rm(folder, { recursive: true, force: true });
});
