import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { rm } from "node:fs/promises";
import { createConnection, createServer, type Server, type Socket } from "node:net";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { connect } from "../../src/ssh/connect.ts";
import type { HostConnection } from "../../src/ssh/connection.ts";
import {
  eventually,
  nobody,
  scratchFolder,
  sshdMissing,
  startSshdServer,
  type TestServer,
} from "../support/servers.ts";

let folder: string;
beforeAll(async () => {
  folder = await scratchFolder();
});
afterAll(() => rm(folder, { recursive: true, force: true }));

function login(port: number, ...lines: string[]): Promise<HostConnection> {
  const config = join(folder, "config");
  const place = ["Host there", "HostName 127.0.0.1", `Port ${port}`];
  const trust = ["StrictHostKeyChecking no", "UserKnownHostsFile /dev/null"];
  writeFileSync(config, [...place, ...trust, ...lines].join("\n"));
  return connect({ host: "there", sshConfigFile: config }, nobody(folder));
}

describe("a host that accepts a connection and sends nothing", () => {
  let server: Server;
  let port: number;
  const sockets = new Set<Socket>();
  beforeAll(async () => {
    server = createServer((socket) => sockets.add(socket.on("error", () => {})));
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    port = (server.address() as { port: number }).port;
  });
  afterAll(async () => {
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  });

  test.each(["1", "1s", "0m1"])("is given up after ConnectTimeout %s", async (time) => {
    await expect(login(port, `ConnectTimeout ${time}`)).rejects.toMatchObject({
      code: "host-unreachable",
      message: expect.stringContaining("no SSH handshake within 1 s"),
      hint: expect.stringContaining("set ConnectTimeout in ssh_config"),
    });
  });
});

describe.skipIf(sshdMissing)("sshd", () => {
  let server: TestServer;
  let own: string[];
  beforeAll(async () => {
    server = await startSshdServer();
    own = [`User ${server.user}`, `IdentityFile ${server.key}`];
  });
  afterAll(() => server?.close());

  /** The processes of sshd that serve a connection, by the one that runs a command there. */
  const serving = (child: number): number[] => {
    const parent = (pid: number) =>
      execFileSync("ps", ["-o", "ppid=,comm=", "-p", `${pid}`], { encoding: "utf8" }).trim();
    const found: number[] = [];
    for (let pid = child; ; ) {
      const [next, name] = parent(pid).split(/\s+/);
      if (name === "sshd") found.push(pid);
      // The one that listens is a child of the tests.
      if (next === undefined || Number(next) === process.pid) return found.slice(0, -1);
      pid = Number(next);
    }
  };

  test("that is stopped is given up by ServerAliveInterval and ServerAliveCountMax", async () => {
    const host = await login(server.port, ...own, "ServerAliveInterval 1", "ServerAliveCountMax 2");
    const pid = Number((await host.exec("echo $$")).stdout);
    expect(pid).toBeGreaterThan(1);
    let stopped: number[] = [];
    const running = host.exec("echo $$; exec sleep 1000", {
      onStdout: (data) => {
        stopped = serving(Number(String(data)));
        for (const one of stopped) process.kill(one, "SIGSTOP");
      },
    });
    await expect(running).rejects.toMatchObject({
      code: "connection-lost",
      message: expect.stringContaining("the host did not answer keep-alives for 2 s"),
    });
    expect(stopped.length).toBeGreaterThan(0);
    for (const one of stopped) process.kill(one, "SIGKILL");
    await host.close();
  });

  test("that is stopped is waited for if ServerAliveInterval is 0", async () => {
    const host = await login(server.port, ...own, "ServerAliveInterval 0", "ServerAliveCountMax 1");
    expect((await host.exec("sleep 1; echo in")).stdout).toBe("in\n");
    await host.close();
  });

  test("is left at once when the connection is closed, however far it is", async () => {
    let near: Socket | undefined;
    // Never passes on that a side has ended, as if it were still under way.
    const line = createServer({ allowHalfOpen: true }, (socket) => {
      near = socket.on("error", () => {});
      const far = createConnection(server.port, "127.0.0.1").on("error", () => {});
      socket.pipe(far, { end: false });
      far.pipe(socket, { end: false });
      socket.once("end", () => far.destroy());
    });
    await new Promise<void>((resolve) => line.listen(0, "127.0.0.1", resolve));
    const host = await login((line.address() as { port: number }).port, ...own);
    await host.close();
    // What arrives later is refused.
    await eventually(() => {
      near!.write("late");
      if (!near!.destroyed) throw new Error("the connection is still open");
    });
    line.close();
  });

  test("sees the address that BindAddress names", async () => {
    const host = await login(server.port, ...own, "BindAddress 127.0.0.5");
    expect((await host.exec("echo $SSH_CLIENT")).stdout).toMatch(/^127\.0\.0\.5 /);
    await host.close();
  });

  test("that listens on IPv4 is not reached by AddressFamily inet6", async () => {
    await expect(login(server.port, ...own, "AddressFamily inet6")).rejects.toMatchObject({
      code: "host-unreachable",
      message: expect.stringContaining("it is not an IPv6 address"),
    });
    const named = ["HostName localhost", "AddressFamily inet"];
    writeFileSync(
      join(folder, "named"),
      `${[...named, `Port ${server.port}`, ...own].join("\n")}\n`,
    );
    const target = { host: "there", sshConfigFile: join(folder, "named"), acceptNew: true };
    const known = { knownHostsFile: join(folder, "known") };
    const host = await eventually(() => connect({ ...target, ...known }, nobody(folder)));
    await host.close();
  });
});
