import { timingSafeEqual } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { realpath } from "node:fs/promises";
import { type AddressInfo, connect as connectSocket } from "node:net";
import { userInfo } from "node:os";
import { join } from "node:path";
import type { AuthContext, Connection, ParsedKey, Session } from "ssh2";
import { BuildoutError } from "../../errors/error.ts";
import { makeDirectory } from "../../system/make-directory.ts";
import { reasonOf } from "../../system/reason.ts";
import { joinStreams } from "../join-streams.ts";
import { Commands } from "./commands.ts";
import { serveForwarding } from "./forwarding.ts";
import { loadHostKey } from "./host-key-file.ts";
import { serveSftp } from "./sftp-server.ts";

export interface SandboxOptions {
  /** Commands start in this directory, which is also their HOME; SFTP serves nothing outside it. */
  root: string;
  /** Default: a free one. */
  port?: number;
  password?: string;
  /** A public key as in a `.pub` file. */
  authorizedKey?: string;
  /** Default: the user who runs it. Commands run as that user whatever the name. */
  user?: string;
  /** Environment variables of every command. */
  settings?: NodeJS.ProcessEnv;
  /** Private host key, made if absent; default: a new key each time. */
  hostKeyFile?: string;
}

export interface Sandbox {
  host: string;
  port: number;
  user: string;
  /** Absolute and free of links. */
  root: string;
  /** Public host key as in a known_hosts file: `ssh-ed25519 AAAA...`. */
  hostKey: string;
  /** Ends all connections and their processes. */
  close(): Promise<void>;
}

const HOST = "127.0.0.1";

/**
 * An SSH server on loopback for trying things out and for tests. It accepts one user by key, including
 * those in ROOT/.ssh/authorized_keys, or by password, runs commands with /bin/sh, serves SFTP, and forwards
 * connections (for ProxyJump).
 *
 * @throws BuildoutError `sandbox-failed` if the port is taken or the key cannot be read
 */
export async function startSandbox(options: SandboxOptions): Promise<Sandbox> {
  const { default: ssh2 } = await import("ssh2");
  makeDirectory(options.root);
  const root = await realpath(options.root);
  const { port = 0, user = userInfo().username } = options;
  const hostKey = await loadHostKey(ssh2.utils, options.hostKeyFile);
  const authorized = authorizedKey(ssh2.utils, options.authorizedKey);
  const commands = new Commands(root, user, options.settings);
  const connections = new Set<Connection>();

  const server = new ssh2.Server({ hostKeys: [hostKey.private] }, (connection) => {
    connections.add(connection);
    (connection as unknown as { setNoDelay(on: boolean): void }).setNoDelay(true);
    const owner = commands.newOwner();
    // Ignore clients that disconnect or send garbage.
    connection.on("error", () => {});
    connection.on("close", () => {
      connections.delete(connection);
      owner.kill();
    });
    connection.on("authentication", (context) => {
      const keys = [...authorized, ...ownAuthorizedKeys(ssh2.utils, root)];
      authenticate(context, user, options.password, keys);
    });
    connection.on("session", (accept) => serveSession(accept(), root, owner));
    serveForwarding(connection);
    connection.on("tcpip", (accept, reject, { destIP, destPort }) => {
      const socket = connectSocket({ host: destIP, port: destPort, allowHalfOpen: true });
      socket.once("error", reject).once("connect", () => {
        socket.off("error", reject);
        joinStreams(socket, accept());
      });
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", (error: NodeJS.ErrnoException) => {
      const why = error.code === "EADDRINUSE" ? "the port is in use" : reasonOf(error);
      reject(
        new BuildoutError("sandbox-failed", `Cannot listen on ${HOST}:${port}: ${why}.`, {
          hint: "Choose another port, or none to get a free one.",
          cause: error,
        }),
      );
    });
    server.listen(port, HOST, resolve);
  });

  let closed: Promise<void> | undefined;
  const close = async () => {
    const stopped = new Promise<void>((resolve) => server.close(() => resolve()));
    for (const connection of connections) connection.end();
    await commands.killAll();
    for (const connection of connections) {
      (connection as unknown as { _sock: { destroy(): void } })._sock.destroy();
    }
    await stopped;
  };
  return {
    host: HOST,
    port: (server.address() as AddressInfo).port,
    user,
    root,
    hostKey: hostKey.public,
    close: () => {
      closed ??= close();
      return closed;
    },
  };
}

function authenticate(
  context: AuthContext,
  user: string,
  password: string | undefined,
  keys: readonly ParsedKey[],
) {
  const offered: AuthContext["method"][] = [
    ...(keys.length === 0 ? [] : (["publickey"] as const)),
    ...(password === undefined ? [] : (["password", "keyboard-interactive"] as const)),
  ];
  const refuse = () => context.reject(offered);
  const isPassword = (typed: string | undefined) =>
    password !== undefined && typed !== undefined && same(typed, password);
  if (context.username !== user) return refuse();
  if (context.method === "password") {
    return isPassword(context.password) ? context.accept() : refuse();
  }
  if (context.method === "keyboard-interactive" && password !== undefined) {
    return context.prompt([{ prompt: "Password: ", echo: false }], (answers) =>
      isPassword(answers[0]) ? context.accept() : refuse(),
    );
  }
  if (context.method === "publickey") {
    const { blob, signature, hashAlgo } = context;
    const key = keys.find((one) => one.getPublicSSH().equals(context.key.data));
    if (key === undefined) return refuse();
    // Without a signature, the client only asks whether this key would be accepted (RFC 4252, 7).
    if (blob === undefined || signature === undefined) return context.accept();
    return key.verify(blob, signature, hashAlgo) === true ? context.accept() : refuse();
  }
  return refuse();
}

function same(a: string, b: string): boolean {
  const [left, right] = [Buffer.from(a), Buffer.from(b)];
  return left.length === right.length && timingSafeEqual(left, right);
}

function serveSession(session: Session, root: string, owner: ReturnType<Commands["newOwner"]>) {
  const command = owner.newCommand();
  // Always with echo: ssh2 skips a byte of the modes that a client asks for, so ECHO is never seen.
  session.on("pty", (accept, reject) => (command.usePty() ? accept?.() : reject?.()));
  session.on("env", (accept, _reject, { key, val }) => {
    command.env[key] = val;
    accept?.();
  });
  session.on("window-change", (accept) => accept?.());
  session.on("signal", (accept, _reject, { name }) => {
    command.signal(`SIG${name}` as NodeJS.Signals);
    accept?.();
  });
  session.on("exec", (accept, _reject, info) => command.run(info.command, accept()));
  session.on("shell", (accept) => command.run('exec "$SHELL" -i', accept()));
  session.on("sftp", (accept) => serveSftp(accept(), root));
  session.on("close", () => command.hangUp());
}

function authorizedKey(utils: typeof import("ssh2").utils, text: string | undefined): ParsedKey[] {
  if (text === undefined) return [];
  const key = utils.parseKey(text);
  if (!(key instanceof Error)) return [key];
  throw new BuildoutError("sandbox-failed", `Cannot use the authorized key: ${key.message}`, {
    hint: "It must be a public key, as in a .pub file.",
  });
}

/** The keys of `authorized_keys`, which a deployment may have added; other lines are skipped. */
function ownAuthorizedKeys(utils: typeof import("ssh2").utils, root: string): ParsedKey[] {
  const file = join(root, ".ssh/authorized_keys");
  if (!existsSync(file)) return [];
  return readFileSync(file, "utf8")
    .split("\n")
    .map((line) => utils.parseKey(line))
    .filter((key): key is ParsedKey => !(key instanceof Error));
}
