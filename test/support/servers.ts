import { execFileSync, spawn, spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { chmod, chown, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";
import { connect } from "../../src/ssh/connect.ts";
import type { HostConnection } from "../../src/ssh/connection.ts";
import { startSandbox } from "../../src/ssh/sandbox/sandbox.ts";
import type { HostTarget, Interaction } from "../../src/ssh/target.ts";

/** A server that listens on loopback, and one user who may log in. */
export interface TestServer {
  name: "sandbox" | "sshd";
  host: string;
  port: number;
  user: string;
  /** The directory for uploads: the user's home directory, or a scratch directory if sshd is `limited`. */
  home: string;
  /** Absent if only keys can log in. */
  password: string | undefined;
  /** An unencrypted private key that can log in; `.pub` is next to it. */
  key: string;
  /** `type base64` of the public host key. */
  hostKey: string;
  /** The file with the authorized keys; sshd only. */
  authorizedKeys?: string;
  /** Of sshd. */
  pid?: number;
  close(): Promise<void>;
}

export const isRoot = userInfo().uid === 0;

const SSHD = ["/usr/sbin/sshd", "/usr/local/sbin/sshd"].find((path) => existsSync(path));
const INSTALL = "apt-get install openssh-server sudo";

/** Why tests with OpenSSH's server cannot run here; in CI that is a failure. */
export const sshdMissing =
  SSHD === undefined ? `OpenSSH's server is not installed (${INSTALL})` : undefined;
/** As `sshdMissing`, for tests that need users with passwords. */
export const usersMissing =
  sshdMissing ??
  (!isRoot
    ? "only root can make users for a test"
    : spawnSync("sudo", ["-V"]).error
      ? `sudo is not installed (${INSTALL})`
      : undefined);
for (const reason of [sshdMissing, usersMissing]) {
  if (reason !== undefined && process.env.CI)
    throw new Error(`In CI nothing may be skipped: ${reason}`);
}

/**
 * The servers that a suite runs against, for `describe.each`. If `limited`, sshd runs as the user of the
 * tests: it uses that user's home directory and cannot open terminals.
 */
export const servers = [
  { name: "sandbox", start: startSandboxServer, missing: undefined as string | undefined },
  { name: "sshd", start: startSshdServer, missing: sshdMissing },
].map((server) => ({
  ...server,
  limited: server.name === "sshd" && !isRoot ? "sshd does not run as root" : undefined,
}));

export async function scratchFolder(): Promise<string> {
  return mkdtemp(join(tmpdir(), "hostout-host-test-"));
}

export function makeKey(file: string, passphrase = "", type = "ed25519"): string {
  const size = type === "rsa" ? ["-b", "2048"] : [];
  execFileSync("ssh-keygen", [
    "-q",
    "-t",
    type,
    ...size,
    "-N",
    passphrase,
    "-C",
    "test",
    "-f",
    file,
  ]);
  return file;
}

export async function startSandboxServer(): Promise<TestServer> {
  const folder = await scratchFolder();
  const key = makeKey(join(folder, "id"));
  const password = "correct horse";
  const sandbox = await startSandbox({
    root: join(folder, "home"),
    user: "deployer",
    password,
    authorizedKey: await readFile(`${key}.pub`, "utf8"),
  });
  return {
    name: "sandbox",
    host: sandbox.host,
    port: sandbox.port,
    user: sandbox.user,
    home: sandbox.root,
    password,
    key,
    hostKey: sandbox.hostKey,
    async close() {
      await sandbox.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/**
 * sshd on a free port: as root with a separate user, otherwise as the current user. `prepare` is shell
 * commands to run before it, in a mount namespace in which $1 is the directory of all its files.
 */
export async function startSshdServer(
  config: string[] = [],
  prepare?: string,
): Promise<TestServer> {
  if (SSHD === undefined) throw new Error(sshdMissing);
  const folder = await scratchFolder();
  await chmod(folder, 0o755);
  const key = makeKey(join(folder, "id"));
  const hostKeyFile = makeKey(join(folder, "host_key"));
  const account = isRoot ? await makeUser(folder) : undefined;
  const user = account?.user ?? userInfo().username;
  const home = account?.home ?? join(folder, "home");
  if (account === undefined) await mkdir(home);
  await writeFile(join(folder, "authorized_keys"), await readFile(`${key}.pub`));
  const port = await freePort();
  const lines = [
    `Port ${port}`,
    "ListenAddress 127.0.0.1",
    `HostKey ${hostKeyFile}`,
    `AuthorizedKeysFile ${join(folder, "authorized_keys")}`,
    "StrictModes no",
    "PidFile none",
    ...(config.some((line) => line.startsWith("Subsystem"))
      ? []
      : ["Subsystem sftp internal-sftp"]),
    ...config,
    `UsePAM ${isRoot ? "yes" : "no"}`,
    "LogLevel ERROR",
  ];
  await writeFile(join(folder, "sshd_config"), `${lines.join("\n")}\n`);
  if (isRoot) await mkdir("/run/sshd", { recursive: true });
  const words = [SSHD, "-D", "-e", "-f", join(folder, "sshd_config")];
  const inside = ["unshare", "--mount", "sh", "-ec", `${prepare}; shift; exec "$@"`, "sh", folder];
  const [program, ...args] = prepare === undefined ? words : [...inside, ...words];
  const daemon = spawn(program!, args, { stdio: ["ignore", "ignore", "pipe"] });
  let log = "";
  daemon.stderr.on("data", (data) => {
    log += data;
  });
  const gone = new Promise<void>((resolve) => daemon.once("exit", () => resolve()));
  await untilListening(port, () => {
    if (daemon.exitCode !== null) throw new Error(`sshd ended: ${log}`);
  });
  return {
    name: "sshd",
    host: "127.0.0.1",
    port,
    user,
    home,
    password: account?.password,
    key,
    authorizedKeys: join(folder, "authorized_keys"),
    ...(daemon.pid !== undefined && { pid: daemon.pid }),
    hostKey: (await readFile(`${hostKeyFile}.pub`, "utf8")).split(" ").slice(0, 2).join(" "),
    async close() {
      daemon.kill();
      await gone;
      account?.remove();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function makeUser(folder: string) {
  // Numbers of processes come again, and a run that was killed leaves its users behind.
  const user = `hostout${randomBytes(6).toString("hex")}`;
  const home = join(folder, "home");
  const password = "correct horse";
  execFileSync("useradd", ["--create-home", "--home-dir", home, "--shell", "/bin/bash", user]);
  execFileSync("chpasswd", { input: `${user}:${password}\n` });
  const remove = () => {
    // Users of other roots (hosts/) may have the same id: their processes, which are in separate process
    // namespaces, must not be ended.
    const ours = ["--ns", String(process.pid), "--nslist", "pid"];
    spawnSync("pkill", ["-KILL", ...ours, "-u", user]);
    execFileSync("userdel", ["--force", user], { stdio: "ignore" });
    spawnSync("rm", ["-f", `/etc/sudoers.d/${user}`]);
  };
  return { user, home, password, remove };
}

/** The rights of the server's user with sudo, as a line of sudoers without the user's name. */
export async function allowSudo(server: TestServer, rule: string): Promise<void> {
  const file = `/etc/sudoers.d/${server.user}`;
  await rm(file, { force: true });
  await writeFile(file, `${server.user} ${rule}\n`, { mode: 0o440 });
  await chown(file, 0, 0);
}

/** How to reach a server, with known_hosts and ssh config of its own. */
export function targetOf(server: TestServer, folder: string): HostTarget {
  return {
    host: server.host,
    port: server.port,
    user: server.user,
    identityFile: server.key,
    acceptNew: true,
    knownHostsFile: join(folder, "known_hosts"),
    sshConfigFile: join(folder, "ssh_config"),
  };
}

/** Nobody can be asked, and nothing of the real user's home or agent is used. */
export function nobody(folder: string, env: Record<string, string> = {}): Interaction {
  return { env: { HOME: folder, USER: "tester", ...env } };
}

export async function login(server: TestServer, folder: string): Promise<HostConnection> {
  return connect(targetOf(server, folder), nobody(folder));
}

export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}

async function untilListening(port: number, check: () => void): Promise<void> {
  const { connect: connectSocket } = await import("node:net");
  await eventually(async () => {
    check();
    await new Promise<void>((resolve, reject) => {
      const socket = connectSocket(port, "127.0.0.1", () => {
        socket.destroy();
        resolve();
      });
      socket.once("error", reject);
    });
  });
}

/** Tries again until `attempt` passes, for two minutes at most: a busy machine is slow. */
export async function eventually<T>(attempt: () => T | Promise<T>): Promise<T> {
  const end = Date.now() + 120_000;
  for (;;) {
    try {
      return await attempt();
    } catch (error) {
      if (Date.now() > end) throw error;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }
}

/** Command lines of running processes that contain `text`. */
export async function processesWith(text: string): Promise<string[]> {
  const lines = execFileSync("ps", ["-e", "-o", "pid=,stat=,args="], { encoding: "utf8" }).split(
    "\n",
  );
  return lines.filter((line) => line.includes(text) && !/^\s*\d+\s+Z/.test(line));
}
