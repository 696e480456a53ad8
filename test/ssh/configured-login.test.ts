import { chmodSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { rm } from "node:fs/promises";
import { connect as connectSocket, createServer, Socket } from "node:net";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { connect } from "../../src/ssh/connect.ts";
import type { HostTarget, Interaction } from "../../src/ssh/target.ts";
import { freePort, nobody, scratchFolder, servers, type TestServer } from "../support/servers.ts";

/** A host whose connection is described only in an ssh configuration. */
describe.each(servers)("an ssh configuration logs in to $name", ({ start, missing }) => {
  describe.skipIf(missing)(missing ?? "", () => {
    let folder: string;
    let server: TestServer;
    beforeAll(async () => {
      server = await start();
    });
    beforeEach(async () => {
      folder = await scratchFolder();
      mkdirSync(join(folder, ".ssh"));
    });
    afterEach(() => rm(folder, { recursive: true, force: true }));
    afterAll(() => server?.close());

    async function logIn(
      config: string,
      target: Partial<HostTarget> = {},
      person: Partial<Interaction> = {},
    ): Promise<string> {
      const file = join(folder, ".ssh/config");
      writeFileSync(file, config);
      const interaction = { ...nobody(folder, { KEY: server.key, SHELL: "/bin/sh" }), ...person };
      const host = await connect(
        { host: "web", systemConfigFile: join(folder, "none"), ...target },
        interaction,
      );
      try {
        return (await host.exec("echo in")).stdout;
      } finally {
        await host.close();
      }
    }
    const place = () =>
      `HostName 127.0.0.1\n Port ${server.port}\n User ${server.user}\n IdentityFile ${server.key}\n`;
    const trusting = "StrictHostKeyChecking no\n UserKnownHostsFile /dev/null\n";

    test("as printed by 'vagrant ssh-config', with /dev/null for known hosts", async () => {
      const config = `Host web\n ${place()} ${trusting} PasswordAuthentication no\n IdentitiesOnly yes\n`;
      expect(await logIn(config)).toBe("in\n");
    });

    test("with ${VARIABLES} and with Match exec", async () => {
      const config = `Match exec "test %n = web"\n ${place().replace(server.key, "${KEY}")} ${trusting}`;
      expect(await logIn(config)).toBe("in\n");
    });

    test("with a ProxyCommand, which ends with the connection", async () => {
      const ended = join(folder, "ended");
      // A program that has no shell between itself and the connection.
      writeFileSync(
        join(folder, "proxy.mjs"),
        `import { connect } from "node:net";
import { writeFileSync } from "node:fs";
const socket = connect(${server.port}, process.argv[2]);
process.stdin.pipe(socket).pipe(process.stdout);
process.on("SIGTERM", () => process.exit());
process.on("exit", () => writeFileSync(${JSON.stringify(ended)}, ""));
`,
      );
      const command = `${process.execPath} ${folder}/proxy.mjs 127.0.0.1 "%h:%p" %r`;
      const config = `Host web\n HostName 10.255.255.1\n User ${server.user}\n IdentityFile ${server.key}\n ProxyCommand ${command}\n ${trusting}`;
      expect(await logIn(config)).toBe("in\n");
      await expect.poll(() => readFileSync(ended, "utf8")).toBe("");
    });

    test("with a ProxyCommand that fails: its output is the error", async () => {
      const config = `Host web\n ProxyCommand echo no way to %h >&2; false\n ${trusting}`;
      await expect(logIn(config)).rejects.toMatchObject({
        code: "host-unreachable",
        message: expect.stringContaining("no way to web"),
        location: { line: 2 },
      });
    });

    test.each([
      ["the device that is always full", () => "/dev/full"],
      ["a file in a folder that is none", (inside: string) => join(inside, ".ssh/config/known")],
      ["a link in a circle", (inside: string) => join(inside, "circle")],
    ])("whose known_hosts is %s: the key is taken, with a note", async (_, path) => {
      symlinkSync(join(folder, "circle"), join(folder, "circle"));
      const notes: string[] = [];
      const config = `Host web\n ${place()} StrictHostKeyChecking accept-new\n UserKnownHostsFile ${path(folder)}\n`;
      expect(await logIn(config, {}, { note: (line) => notes.push(line) })).toBe("in\n");
      expect(notes.join("\n")).toContain("Cannot store");
    });

    test("in which BatchMode prevents questions", async () => {
      const asked: string[] = [];
      const ask = async (question: string) => {
        asked.push(question);
        return "";
      };
      const config = `Host web\n BatchMode yes\n ${place().replace(server.key, "none")} ${trusting}`;
      await expect(logIn(config, {}, { ask })).rejects.toMatchObject({
        code: "authentication-failed",
      });
      expect(asked).toEqual([]);
    });

    test("in which AddressFamily, BindAddress and HashKnownHosts count", async () => {
      const known = join(folder, "known");
      const config = `Host web\n ${place()} AddressFamily inet\n BindAddress 127.0.0.1\n StrictHostKeyChecking no\n UserKnownHostsFile ${known}\n HashKnownHosts yes\n ServerAliveInterval 1m\n ConnectTimeout 1m\n Compression yes\n`;
      expect(await logIn(config)).toBe("in\n");
      expect(readFileSync(known, "utf8")).toMatch(/^\|1\|/);
      chmodSync(known, 0o400);
      await expect(
        logIn(config.replace("BindAddress 127.0.0.1", "BindAddress 192.0.2.7")),
      ).rejects.toMatchObject({ code: "host-unreachable" });
    });

    test("in which GlobalKnownHostsFile contains the host", async () => {
      const known = join(folder, "global");
      const name = `[127.0.0.1]:${server.port}`;
      const config = `Host web\n ${place()} StrictHostKeyChecking yes\n UserKnownHostsFile none\n GlobalKnownHostsFile ${folder}/none ${known}\n`;
      await expect(logIn(config)).rejects.toMatchObject({ code: "host-key-unknown" });
      writeFileSync(known, `${name} ${server.hostKey}\n`);
      expect(await logIn(config)).toBe("in\n");
    });

    test("in which the host may have any key, since it is this machine", async () => {
      const known = join(folder, "known");
      const other = readFileSync(`${server.key}.pub`, "utf8").split(" ").slice(0, 2).join(" ");
      writeFileSync(known, `[127.0.0.1]:${server.port} ${other}\n`);
      const config = `Host web\n ${place()} UserKnownHostsFile ${known}\n`;
      await expect(logIn(config)).rejects.toMatchObject({ code: "host-key-changed" });
      expect(await logIn(`${config} NoHostAuthenticationForLocalhost yes\n`)).toBe("in\n");
    });

    test("in which ConnectionAttempts outlasts a host that is not up yet", async () => {
      const port = await freePort();
      const config = `Host web\n ${place().replace(`${server.port}`, `${port}`)} ${trusting}`;
      await expect(logIn(config)).rejects.toMatchObject({
        code: "host-unreachable",
        message: `Cannot reach web (127.0.0.1) port ${port}: connection refused`,
      });
      const late = createServer((socket) => {
        socket.pipe(connectSocket(server.port, "127.0.0.1")).pipe(socket);
      });
      const attempts = vi.spyOn(Socket.prototype, "connect");
      const coming = logIn(`${config} ConnectionAttempts 60\n`);
      await vi.waitUntil(() => (attempts.mock.contexts[0] as Socket | undefined)?.destroyed);
      attempts.mockRestore();
      late.listen(port, "127.0.0.1");
      expect(await coming).toBe("in\n");
      await new Promise((resolve) => late.close(resolve));
    });

    test("in which NumberOfPasswordPrompts limits how often somebody is asked", async () => {
      const asked: string[] = [];
      const ask = async (question: string) => {
        asked.push(question);
        return "wrong";
      };
      const config = `Host web\n ${place().replace(server.key, "none")} KbdInteractiveAuthentication no\n NumberOfPasswordPrompts 2\n ${trusting}`;
      await expect(logIn(config, {}, { ask })).rejects.toMatchObject({
        code: "authentication-failed",
      });
      expect(asked).toHaveLength(2);
    });

    test("in which unsupported algorithms are an error with its location", async () => {
      const config = `Host web\n Ciphers rot13\n ${place()} ${trusting}`;
      await expect(logIn(config)).rejects.toMatchObject({
        code: "ssh-config-invalid",
        message: expect.stringContaining("none of 'rot13'"),
        location: { line: 2 },
      });
    });
  });
});
