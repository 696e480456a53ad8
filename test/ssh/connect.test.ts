import { readFileSync, writeFileSync } from "node:fs";
import { rm } from "node:fs/promises";
import { createServer, type Server, type Socket } from "node:net";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { connect } from "../../src/ssh/connect.ts";
import { startSandbox } from "../../src/ssh/sandbox/sandbox.ts";
import { type CuttingProxy, cuttingProxy } from "../support/proxy.ts";
import {
  eventually,
  freePort,
  login,
  nobody,
  processesWith,
  scratchFolder,
  servers,
  startSandboxServer,
  type TestServer,
  targetOf,
} from "../support/servers.ts";

let folder: string;
let server: TestServer;
beforeAll(async () => {
  folder = await scratchFolder();
  server = await startSandboxServer();
});
afterAll(async () => {
  await server.close();
  await rm(folder, { recursive: true, force: true });
});

async function listening(onConnection: (socket: Socket) => void) {
  const sockets = new Set<Socket>();
  const listener: Server = createServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => {}).resume();
    onConnection(socket);
  });
  await new Promise<void>((resolve) => listener.listen(0, "127.0.0.1", resolve));
  return {
    port: (listener.address() as { port: number }).port,
    close: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => listener.close(resolve));
    },
  };
}

describe("a host that cannot be reached", () => {
  test("refuses the connection: host, port and reason are reported", async () => {
    const port = await freePort();
    await expect(
      connect({ ...targetOf(server, folder), port }, nobody(folder)),
    ).rejects.toMatchObject({
      code: "host-unreachable",
      message: expect.stringContaining(`127.0.0.1 port ${port}: connection refused`),
      hint: expect.stringContaining("sshd"),
    });
  });

  test("has no such name", async () => {
    await expect(
      connect({ ...targetOf(server, folder), host: "no-such-host.invalid" }, nobody(folder)),
    ).rejects.toMatchObject({
      code: "host-unreachable",
      message: expect.stringContaining("no-such-host.invalid port"),
      hint: expect.stringContaining("no-such-host.invalid"),
    });
  });

  test("is reported with the name that the user wrote and the one it resolves to", async () => {
    const config = join(folder, "alias_config");
    writeFileSync(config, `Host web\n  HostName 127.0.0.1\n  Port ${await freePort()}\n`);
    const target = { host: "web", identityFile: server.key, sshConfigFile: config };
    await expect(connect(target, nobody(folder))).rejects.toMatchObject({
      message: expect.stringContaining("web (127.0.0.1)"),
    });
  });

  test("closes the connection at once", async () => {
    const rude = await listening((socket) => socket.destroy());
    await expect(
      connect({ ...targetOf(server, folder), port: rude.port }, nobody(folder)),
    ).rejects.toMatchObject({ code: "host-unreachable" });
    await rude.close();
  });

  test("sends nothing: an interruption ends the wait, also for a ProxyCommand", async () => {
    const config = join(folder, "silent_config");
    const silent = await listening(() => abort.abort());
    let abort = new AbortController();
    const target = { ...targetOf(server, folder), port: silent.port, sshConfigFile: config };
    for (const lines of ["", `ProxyCommand exec 3<>/dev/tcp/127.0.0.1/${silent.port}; cat\n`]) {
      abort = new AbortController();
      writeFileSync(config, lines);
      const env = { SHELL: "/bin/bash" };
      const { signal } = abort;
      await expect(connect(target, { ...nobody(folder, env), signal })).rejects.toMatchObject({
        code: "interrupted",
      });
    }
    await silent.close();
  });

  test("is behind a ProxyCommand that no shell can run", async () => {
    const config = join(folder, "shell_config");
    writeFileSync(config, "ProxyCommand cat\n");
    const target = { ...targetOf(server, folder), sshConfigFile: config };
    const env = { SHELL: join(folder, "no-shell") };
    await expect(connect(target, nobody(folder, env))).rejects.toMatchObject({
      code: "host-unreachable",
      message: expect.stringContaining("no-shell ENOENT"),
    });
  });

  test("uses a protocol other than SSH", async () => {
    const web = await listening((socket) =>
      socket.write("HTTP/1.1 400 Bad Request\r\n\r\n".repeat(999)),
    );
    await expect(
      connect({ ...targetOf(server, folder), port: web.port }, nobody(folder)),
    ).rejects.toMatchObject({
      code: expect.stringMatching(/^(handshake-failed|host-unreachable)$/),
    });
    await web.close();
  });
});

describe.each(servers)("a connection to $name", ({ start, missing }) => {
  describe.skipIf(missing)(missing ?? "", () => {
    let target: TestServer;
    beforeAll(async () => {
      target = await start();
    });
    afterAll(() => target?.close());

    test("lost in the middle of a command ends it at once with an error", async () => {
      const proxy = await cuttingProxy(target.port);
      const host = await connect({ ...targetOf(target, folder), port: proxy.port }, nobody(folder));
      const running = host.exec("echo started; sleep 1000", {
        onStdout: () => void proxy.close(),
      });
      await expect(running).rejects.toMatchObject({ code: "connection-lost" });
      const started = performance.now();
      await host.close();
      expect(performance.now() - started).toBeLessThan(10_000);
    });

    test("to a host that no longer responds is closed in limited time", async () => {
      const proxy = await cuttingProxy(target.port);
      const host = await connect({ ...targetOf(target, folder), port: proxy.port }, nobody(folder));
      proxy.freeze();
      const started = performance.now();
      const running = expect(host.exec("true")).rejects.toMatchObject({ code: "connection-lost" });
      await host.close();
      await running;
      expect(performance.now() - started).toBeLessThan(20_000);
      await proxy.close();
    });

    test("reports who ended it", async () => {
      const ended = async (end: (proxy: CuttingProxy) => unknown) => {
        const proxy = await cuttingProxy(target.port);
        const via = { ...targetOf(target, folder), port: proxy.port };
        const host = await connect(via, nobody(folder));
        const lost = host.exec("echo started; sleep 1000", { onStdout: () => void end(proxy) });
        const message = await lost.then(String, (error: Error) => error.message);
        await host.close();
        await proxy.close();
        return message.replace(/^The connection to \S+ was lost: /, "");
      };
      expect(await ended((proxy) => proxy.end())).toBe("the host closed it");
      const reset = "reset by the host or the network (ECONNRESET)";
      expect(await ended((proxy) => proxy.reset())).toBe(reset);
      vi.useFakeTimers({ toFake: ["setInterval", "clearInterval"] });
      try {
        const silence = async (proxy: CuttingProxy) => {
          proxy.freeze();
          await vi.advanceTimersByTimeAsync(60_000);
        };
        expect(await ended(silence)).toBe("the host did not answer keep-alives for 45 s");
      } finally {
        vi.useRealTimers();
      }
    });

    test("refuses further work after it has been closed", async () => {
      const host = await login(target, folder);
      await host.close();
      await host.close();
      await expect(host.exec("true")).rejects.toMatchObject({
        code: "connection-lost",
        message: expect.stringContaining("is closed"),
      });
      await expect(host.put(Buffer.from("x"), "x")).rejects.toMatchObject({
        code: "connection-lost",
      });
    });
  });
});

describe("ProxyJump", () => {
  test("goes through several hosts, each checked and logged in to", async () => {
    const home = await scratchFolder();
    const authorizedKey = readFileSync(`${server.key}.pub`, "utf8");
    const hops = await Promise.all(
      ["one", "two"].map((user) => startSandbox({ root: join(home, user), user, authorizedKey })),
    );
    const [one, two] = hops as [(typeof hops)[0], (typeof hops)[0]];
    const config = join(home, "config");
    const identity = `IdentityFile ${server.key}`;
    writeFileSync(
      config,
      `Host one\n  HostName 127.0.0.1\n  Port ${one.port}\n  User one\n  ${identity}
Host two\n  HostName 127.0.0.1\n  Port ${two.port}\n  User two\n  ${identity}
Host behind\n  HostName 127.0.0.1\n  Port ${server.port}\n  ProxyJump one,two\n  ${identity}
Host circle\n  HostName 127.0.0.1\n  ProxyJump circle\n`,
    );
    const knownHostsFile = join(home, "known_hosts");
    const target = { host: "behind", user: server.user, sshConfigFile: config, knownHostsFile };

    const host = await connect({ ...target, acceptNew: true }, nobody(home));
    expect((await host.exec("pwd")).stdout).toBe(`${server.home}\n`);
    await host.put(Buffer.alloc(3_000_000, "x"), "through-two-hops");
    expect(readFileSync(join(server.home, "through-two-hops")).length).toBe(3_000_000);
    await host.close();
    const known = readFileSync(knownHostsFile, "utf8");
    for (const { port, hostKey } of [one, two, server]) {
      expect(known).toContain(`[127.0.0.1]:${port} ${hostKey}`);
    }

    await two.close();
    await expect(connect({ ...target, acceptNew: true }, nobody(home))).rejects.toMatchObject({
      code: "host-unreachable",
      message: expect.stringContaining(`two (127.0.0.1) port ${two.port}`),
    });
    const circle = { ...target, host: "circle", acceptNew: true };
    await expect(connect(circle, nobody(home))).rejects.toMatchObject({
      code: "ssh-config-invalid",
    });
    await one.close();
    await rm(home, { recursive: true, force: true });
  });
});

test("a forwarded connection reaches a port that only the host sees", async () => {
  const echo = await listening((socket) => socket.pipe(socket));
  const host = await login(server, folder);
  const stream = await host.forwardOut("127.0.0.1", echo.port);
  const answer = new Promise<string>((resolve) =>
    stream.once("data", (data) => resolve(String(data))),
  );
  stream.write("hello");
  expect(await answer).toBe("hello");
  stream.destroy();
  await host.close();
  await echo.close();
});

test("nothing is left running when the client ends in the middle", async () => {
  const host = await login(server, folder);
  const name = `sleep 3456${server.port}`;
  const running = expect(
    host.exec(`echo started; exec ${name}`, { onStdout: () => void host.close() }),
  ).rejects.toMatchObject({ code: "connection-lost" });
  await running;
  await eventually(async () => expect(await processesWith(name)).toEqual([]));
});
