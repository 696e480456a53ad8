import { rm } from "node:fs/promises";
import { Readable } from "node:stream";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { connect } from "../../../src/ssh/connect.ts";
import type { HostConnection } from "../../../src/ssh/connection.ts";
import {
  allowSudo,
  eventually,
  login,
  nobody,
  processesWith,
  scratchFolder,
  startSshdServer,
  type TestServer,
  targetOf,
  usersMissing,
} from "../../support/servers.ts";

describe.skipIf(usersMissing)(`sudo ${usersMissing ?? ""}`, () => {
  let folder: string;
  let server: TestServer;
  let host: HostConnection;

  beforeAll(async () => {
    folder = await scratchFolder();
    server = await startSshdServer();
    host = await login(server, folder);
  });
  afterAll(async () => {
    await host?.close();
    await server?.close();
    await rm(folder, { recursive: true, force: true });
  });

  describe("that asks for no password", () => {
    beforeAll(() => allowSudo(server, "ALL=(ALL) NOPASSWD: ALL"));

    test("runs a whole shell command in one round trip", async () => {
      const before = host.roundTrips;
      expect(await host.sudo('id -un; echo "it\'s $HOME" >&2; exit 3')).toEqual({
        stdout: "root\n",
        stderr: "it's /root\n",
        code: 3,
      });
      expect(host.roundTrips - before).toBe(1);
    });

    test("does not type a password before it is asked for", async () => {
      expect(await host.sudo("cat", { password: "secret" })).toMatchObject({ stdout: "", code: 0 });
    });

    test("becomes another user", async () => {
      expect((await host.sudo("id -un", { user: "nobody" })).stdout).toBe("nobody\n");
    });

    test("hands a secret first line to the command, terminal or not", async () => {
      for (const pty of [false, true]) {
        const options = { pty, firstLine: "secret", input: "rest\n" };
        const { stdout } = await host.sudo(
          "IFS= read -r x; echo ${#x}; IFS= read -r y; echo $y",
          options,
        );
        expect(stdout.replaceAll("\r", "")).toBe("6\nrest\n");
      }
    });

    test("a syntax error is the command's", async () => {
      expect((await host.sudo("if")).code).toBeGreaterThan(0);
    });

    test("provides a terminal", async () => {
      const { stdout, code } = await host.sudo("tty; id -un", { pty: true });
      expect(code).toBe(0);
      expect(stdout.replaceAll("\r", "")).toMatch(/^\/dev\/pts\/\d+\nroot\n$/);
    });
  });

  describe("that asks for a password", () => {
    beforeAll(async () => {
      await allowSudo(server, "ALL=(ALL) PASSWD: ALL");
    });

    test("gets it, and the command gets its own input, complete", async () => {
      const input = "line\n".repeat(200_000);
      const { password } = server;
      const result = await host.sudo("sudo -K; wc -c; id -un", { password: password!, input });
      expect(result).toEqual({ stdout: `${input.length}\nroot\n`, stderr: "", code: 0 });
      const stream = Readable.from([Buffer.from("a"), Buffer.from("b")]);
      const streamed = await host.sudo("cat", { password: async () => password!, input: stream });
      expect(streamed).toMatchObject({ stdout: "ab", code: 0 });
    });

    test("a wrong one is a wrong one, and is not shown", async () => {
      await host.exec("sudo -K");
      const attempt = host.sudo("id", { password: "not the secret" });
      await expect(attempt).rejects.toMatchObject({
        code: "sudo-password-wrong",
        message: expect.stringContaining(server.user),
      });
      await expect(attempt).rejects.not.toMatchObject({
        message: expect.stringContaining("not the secret"),
      });
    });

    test("none is reported as missing", async () => {
      await host.exec("sudo -K");
      await expect(host.sudo("id")).rejects.toMatchObject({ code: "sudo-password-missing" });
    });

    test("the target's password will do", async () => {
      const target = { ...targetOf(server, folder), password: server.password! };
      const known = await connect(target, nobody(folder));
      await known.exec("sudo -K");
      expect((await known.sudo("id -un")).stdout).toBe("root\n");
      await known.close();
    });

    test("a function is called again after a wrong one, until it gives up", async () => {
      const attempts: number[] = [];
      const passwords = (last: string | undefined) => async (attempt: number) => {
        attempts.push(attempt);
        return attempt < 2 ? "not the secret" : last;
      };
      await host.exec("sudo -K");
      const right = await host.sudo("id -un", { password: passwords(server.password) });
      expect(right.stdout).toBe("root\n");
      expect(attempts).toEqual([1, 2]);
      for (const last of [undefined, "not this one"]) {
        await host.exec("sudo -K");
        await expect(host.sudo("id", { password: passwords(last) })).rejects.toMatchObject({
          code: "sudo-password-wrong",
        });
      }
    });

    test("the password is in no process list", async () => {
      await host.exec("sudo -K");
      const { password } = server;
      const { stdout } = await host.sudo("ps -e -o args", { password: password! });
      expect(stdout).toContain("ps -e");
      expect(stdout).not.toContain(password);
    });

    test("a command that takes too long is ended", async () => {
      const name = `sleep 4567${server.port}`;
      await expect(
        host.sudo(name, { password: server.password!, timeout: 0.5 }),
      ).rejects.toMatchObject({ code: "command-timeout" });
      await eventually(async () => expect(await processesWith(name)).toEqual([]));
    });
  });

  test("a user who may not use it gets sudo's message", async () => {
    await allowSudo(server, "ALL=(nobody) NOPASSWD: ALL");
    await expect(host.sudo("id", { password: server.password! })).rejects.toMatchObject({
      code: "sudo-refused",
      output: expect.stringMatching(/not allowed/i),
    });
  });
});
