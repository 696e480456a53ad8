/** A login with an unusual file where the user names a regular one: it never waits for it. */
import { execFileSync } from "node:child_process";
import {
  closeSync,
  constants,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { rm } from "node:fs/promises";
import { createServer, type Server } from "node:net";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { configuredPassword } from "../../src/deploy/part/password.ts";
import { connect } from "../../src/ssh/connect.ts";
import type { HostTarget, Interaction } from "../../src/ssh/target.ts";
import { nobody, scratchFolder, startSandboxServer, type TestServer } from "../support/servers.ts";

const KINDS = ["pipe", "socket", "device", "directory", "huge"] as const;
const REASONS = {
  pipe: "a named pipe, not a regular file",
  socket: "a socket, not a regular file",
  device: "a device, not a regular file",
  directory: "a directory, not a regular file",
  huge: /has more than \d+ bytes/,
};

let folder: string;
let server: TestServer;
let listener: Server;
const paths = {} as Record<(typeof KINDS)[number], string>;
beforeAll(async () => {
  folder = await scratchFolder();
  server = await startSandboxServer();
  for (const kind of KINDS) paths[kind] = join(folder, kind);
  paths.device = "/dev/zero";
  execFileSync("mkfifo", [paths.pipe]);
  mkdirSync(paths.directory);
  writeFileSync(paths.huge, "");
  // Without content, it uses no space.
  truncateSync(paths.huge, 10 * 1024 ** 4);
  listener = createServer();
  await new Promise<void>((resolve) => listener.listen(paths.socket, resolve));
});
afterAll(async () => {
  // Both ends, so that a process waiting for one of them continues.
  closeSync(openSync(paths.pipe, constants.O_RDWR | constants.O_NONBLOCK));
  listener?.close();
  await server?.close();
  await rm(folder, { recursive: true, force: true });
});

const KNOWN = ["StrictHostKeyChecking no", "UserKnownHostsFile /dev/null"];

/** Logs in with a configuration of these lines. Returns the notes printed on the way. */
async function logIn(
  lines: readonly string[],
  target: Partial<HostTarget> = {},
  person: Partial<Interaction> = {},
): Promise<string> {
  const file = join(folder, "ssh_config");
  const place = [`HostName 127.0.0.1`, `Port ${server.port}`, `User ${server.user}`];
  writeFileSync(file, [...place, ...lines, "GlobalKnownHostsFile none", ""].join("\n"));
  const notes: string[] = [];
  const interaction = { ...nobody(folder), note: (line: string) => notes.push(line), ...person };
  const host = await connect(
    { host: "web", identityFile: server.key, sshConfigFile: file, ...target },
    interaction,
  );
  expect((await host.exec("echo in")).stdout).toBe("in\n");
  await host.close();
  return notes.join("\n");
}

describe.each(KINDS)("a %s", (kind) => {
  const reason = REASONS[kind];
  const path = () => paths[kind];
  const saysReason = expect.stringMatching(reason);

  test("as known_hosts contains nothing and stores nothing", async () => {
    const notes = await logIn(["StrictHostKeyChecking no", `UserKnownHostsFile ${path()}`]);
    expect(notes).toMatch(reason);
    expect(notes).toContain("Cannot store");
    expect(await logIn([], { knownHostsFile: path(), acceptNew: true })).toContain("Cannot store");
    const strict = logIn(["StrictHostKeyChecking yes", `UserKnownHostsFile ${path()}`]);
    await expect(strict).rejects.toMatchObject({ code: "host-key-unknown" });
  });

  test("as the system's known_hosts contains nothing", async () => {
    expect(await logIn([...KNOWN, `GlobalKnownHostsFile ${path()}`])).toMatch(reason);
  });

  test("as a key or a certificate of ssh_config is passed over", async () => {
    const lines = [`IdentityFile ${path()}`, `IdentityFile ${server.key}`];
    const certificate = `CertificateFile ${path()}`;
    const target = { identityFile: undefined } as unknown as HostTarget;
    await logIn([...KNOWN, ...lines, certificate], target);
  });

  test("as the key that a part names is refused", async () => {
    await expect(logIn(KNOWN, { identityFile: path() })).rejects.toMatchObject({
      code: "identity-file-unreadable",
      message: saysReason,
    });
  });

  test("as a list of revoked keys is refused", async () => {
    await expect(logIn([...KNOWN, `RevokedHostKeys ${path()}`])).rejects.toMatchObject({
      code: "ssh-config-invalid",
      message: saysReason,
      location: { line: 6 },
    });
  });

  test("as a password file is refused", async () => {
    const options = { name: "host1", password: undefined, passwordFile: path() };
    const read = configuredPassword(
      options as unknown as Parameters<typeof configuredPassword>[0],
      "password",
      async (text) => text,
    );
    await expect(read).rejects.toMatchObject({
      code: "password-file-unreadable",
      message: saysReason,
    });
  });

  const refusal = { code: "ssh-config-invalid", message: saysReason };
  if (kind === "directory") {
    test("as an ssh configuration is empty, as for ssh", async () => {
      await logIn([...KNOWN, `Include ${path()}`]);
      const own = { host: "127.0.0.1", port: server.port, user: server.user, acceptNew: true };
      await logIn([], { ...own, sshConfigFile: path(), knownHostsFile: join(folder, "new") });
    });
  } else {
    test("as an ssh configuration is refused", async () => {
      await expect(logIn([], { sshConfigFile: path() })).rejects.toMatchObject(refusal);
      const system = { sshConfigFile: undefined, systemConfigFile: path() };
      await expect(logIn([], system as unknown as HostTarget)).rejects.toMatchObject(refusal);
      const included = logIn([`Include ${path()}`]);
      const foreign = { message: expect.stringContaining("Other users can write to") };
      await expect(included).rejects.toMatchObject(kind === "device" ? foreign : refusal);
    });
  }
});

test("a file that others can write is not included, as in ssh", async () => {
  const shared = join(folder, "shared");
  writeFileSync(shared, "", { mode: 0o600 });
  await logIn([...KNOWN, `Include ${shared}`]);
  execFileSync("chmod", ["g+w", shared]);
  await expect(logIn([...KNOWN, `Include ${shared}`])).rejects.toMatchObject({
    message: expect.stringContaining(`Other users can write to ${shared}`),
  });
});

describe("Ctrl-C ends the wait for", () => {
  /** The line's command reports that it runs, and never ends. */
  test.each([
    ["Match exec", (command: string) => [`Match exec "${command}"`, " Compression no"]],
    ["KnownHostsCommand", (command: string) => [`KnownHostsCommand /bin/sh -c "${command}"`]],
    ["ProxyCommand", (command: string) => [`ProxyCommand ${command}`]],
  ])("%s", async (name, lines) => {
    const pids = join(folder, `${name.split(" ")[0]}.pids`);
    const script = join(folder, `${name.split(" ")[0]}.sh`);
    writeFileSync(script, `trap '' INT\nsleep 600 &\necho $$ $! > '${pids}'\nwait\n`);
    const interrupt = new AbortController();
    const login = logIn([...lines(`sh ${script}`), ...KNOWN], {}, { signal: interrupt.signal });
    const ended = expect(login).rejects.toMatchObject({ code: "interrupted" });
    const running = () => {
      const written = existsSync(pids) ? readFileSync(pids, "utf8").trim().split(" ") : [];
      return written.filter((pid) => /^\d+ \(.*\) [^Z]/.test(statOf(pid)));
    };
    await vi.waitFor(() => expect(running()).toHaveLength(2), 60_000);
    interrupt.abort();
    await ended;
    // Of a ProxyCommand only the program itself is ours, as for ssh.
    if (name === "ProxyCommand") process.kill(Number(running().at(-1)));
    await vi.waitFor(() => expect(running()).toEqual([]), 60_000);
  });
});

function statOf(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/stat`, "utf8");
  } catch {
    return "";
  }
}
