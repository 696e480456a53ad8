import { type ChildProcess, execFileSync, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { eventually, freePort, makeKey, type TestServer } from "../servers.ts";
import { cachedRoot, machineLacks } from "./root.ts";

export interface BareHostOptions {
  /**
   * `shared`: the machine's own network, sshd on a loopback port; packages can be installed. `own`: a network
   * namespace with a separate address, without access to anything but this machine.
   */
  network: "shared" | "own";
  /** Debian packages that are installed from the start, in addition to minbase, sshd and sudo. */
  packages?: readonly string[];
  /**
   * The first process: only sshd, or systemd (of `packages`), which starts sshd. systemd needs the packages
   * `systemd`, `systemd-sysv` and `dbus`.
   */
  init?: "sshd" | "systemd";
  /** The login user's rights with sudo, default `password`. */
  sudo?: "password" | "nopasswd" | "none";
  /** Further lines of sshd_config. */
  sshd?: readonly string[];
}

/**
 * A separate machine in terms of processes, users and files: Debian's minbase with sshd, sudo and one user who
 * may log in (`user`, by `key` or `password`).
 */
export interface BareHost extends TestServer {
  password: string;
  /** The host's file system, as a directory here, while the host runs. */
  root: string;
  /** A known_hosts file with the host's key. */
  knownHosts: string;
  /** Runs a shell command as root on the host, past ssh. Throws unless it succeeds. */
  run(command: string, input?: string): string;
  /** The same for commands that may fail. */
  attempt(
    command: string,
    input?: string,
  ): { status: number | null; stdout: string; stderr: string };
}

const USER = "admin";

/** Why hosts cannot be made here; in CI that is a failure. */
export const hostsMissing = await findMissing();
if (hostsMissing !== undefined && process.env.CI) {
  throw new Error(`In CI nothing may be skipped: ${hostsMissing}`);
}

async function findMissing(): Promise<string | undefined> {
  const lacks = machineLacks();
  if (lacks !== undefined) return lacks;
  try {
    await cachedRoot();
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}

/**
 * The host's own first process: mounts its file systems, waits for its network, and becomes sshd. With sshd as
 * process 1, everything on the host ends with it, and orphans are reaped.
 */
const START = `set -e
# apt and sshd close every number that a file could have; what would take half of their time.
ulimit -n 1024
# Where memory is plentiful, a host writes there: packages are unpacked in a third of the time.
[ "$(awk '/^MemAvailable/ {print int($2 / 1048576)}' /proc/meminfo)" -lt 5 ] ||
  mount -t tmpfs -o size=3g,mode=755 tmpfs "$FOLDER/disk"
mkdir "$FOLDER/disk/upper" "$FOLDER/disk/work"
mount -t overlay overlay -o "lowerdir=$BASE,upperdir=$FOLDER/disk/upper,workdir=$FOLDER/disk/work" "$FOLDER/root" 2>/dev/null ||
  { cp -a --reflink=auto "$BASE/." "$FOLDER/disk/upper"; mount --bind "$FOLDER/disk/upper" "$FOLDER/root"; }
cd "$FOLDER/root"
mount -t proc proc proc
mount -t tmpfs -o mode=755 run run; mkdir run/sshd
mount -t devpts -o newinstance,ptmxmode=0666,mode=620,gid=5 devpts dev/pts
rm -f dev/ptmx; ln -s pts/ptmx dev/ptmx
hostname bare
echo mounted; read -r go
[ "$INIT" = systemd ] || exec chroot . /usr/sbin/sshd -D -e
# systemd has a control group of its own to divide, and none of this machine's.
mount -t tmpfs tmpfs tmp; mount -t sysfs -o ro sysfs sys; mount -t tmpfs tmpfs sys/fs/cgroup
group=$(awk '$3 == "cgroup2" {print $2; exit}' /proc/mounts)/hostout-$$-$(basename "$FOLDER")
mkdir "$group"; echo 0 > "$group/cgroup.procs"
exec unshare --cgroup sh -ec 'mount -t cgroup2 cgroup2 sys/fs/cgroup
exec chroot . /usr/bin/env container=hostout /sbin/init --log-target=null'`;

const SYSTEMD = ["systemd", "systemd-sysv", "dbus"];

/** Removes the control groups of a host that has ended. */
const REMOVE_GROUP = `group=$(awk '$3 == "cgroup2" {print $2; exit}' /proc/mounts)
for group in "$group"/hostout-*-"$(basename "$FOLDER")"; do
  for try in 1 2 3 4 5 6 7 8 9; do
    [ -d "$group" ] || break
    find "$group" -depth -type d -exec rmdir {} + 2>/dev/null || sleep 0.1
  done
done`;

/**
 * Starts a host; all its processes end with `close()`, and with this process. A second host with the same
 * packages starts within a second.
 */
export async function startBareHost(options: BareHostOptions): Promise<BareHost> {
  const { packages = [], init = "sshd" } = options;
  const base = await cachedRoot(init === "sshd" ? packages : [...SYSTEMD, ...packages]);
  const folder = await mkdtemp(join(tmpdir(), "hostout-bare-host-"));
  const own = options.network === "own";
  const address = own ? freeAddress() : { here: "", there: "127.0.0.1" };
  const port = own ? 22 : await freePort();
  const key = makeKey(join(folder, "id"));
  const hostKeyFile = makeKey(join(folder, "host_key"));
  const hostKey = (await readFile(`${hostKeyFile}.pub`, "utf8")).split(" ").slice(0, 2).join(" ");
  const knownHosts = join(folder, "known_hosts");
  const name = port === 22 ? address.there : `[${address.there}]:${port}`;
  await writeFile(knownHosts, `${name} ${hostKey}\n`);
  for (const name of ["disk", "root"]) await mkdir(join(folder, name));

  const namespaces = ["--mount", "--pid", "--uts", "--ipc", ...(own ? ["--net"] : [])];
  const child = spawn(
    "setpriv",
    ["--pdeathsig", "KILL", "unshare", "--fork", "--kill-child", ...namespaces, "sh", "-c", START],
    {
      env: { PATH: `${process.env.PATH}:/usr/sbin:/sbin`, BASE: base, FOLDER: folder, INIT: init },
      stdio: ["pipe", "pipe", "pipe"],
    },
  );
  let log = "";
  child.stderr.on("data", (data) => {
    log += data;
  });
  const close = async () => {
    if (child.exitCode === null && child.signalCode === null) {
      child.kill("SIGKILL");
      await once(child, "exit");
    }
    spawnSync("sh", ["-c", REMOVE_GROUP], { env: { ...process.env, FOLDER: folder } });
    await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  };
  try {
    await saidMounted(child, () => log);
    const process1 = await firstChild(child.pid!);
    const root = `/proc/${process1}/root`;
    const inside = join(folder, "root");
    const attempt = (command: string, input = "") => {
      const args = ["--target", process1, "--mount", "--pid", "--uts", "--ipc", "--net", "--root"];
      const { status, stdout, stderr, error } = spawnSync(
        "nsenter",
        [...args, "--", "/usr/bin/env", "-C", "/", "/bin/sh", "-c", command],
        { input, encoding: "utf8", env: ENVIRONMENT, maxBuffer: 100_000_000 },
      );
      if (error) throw error;
      return { status, stdout, stderr };
    };
    const run = (command: string, input?: string) => {
      const { status, stdout, stderr } = attempt(command, input);
      if (status !== 0) throw new Error(`'${command}' ended with ${status}: ${stdout}${stderr}`);
      return stdout;
    };
    const password = "correct horse";
    const setUp = [
      `useradd --create-home --shell /bin/bash ${USER}`,
      `install -d -o ${USER} -m 700 /home/${USER}/.ssh`,
      `printf %s '${await readFile(`${key}.pub`, "utf8")}' > /home/${USER}/.ssh/authorized_keys`,
      `chown -R ${USER}: /home/${USER}/.ssh`,
      `printf '%s' '${sudoers(options.sudo ?? "password")}' > /etc/sudoers.d/${USER}`,
      `chmod 440 /etc/sudoers.d/${USER}`,
      `printf '%s' '${await readFile(hostKeyFile, "utf8")}' > /etc/ssh/ssh_host_ed25519_key`,
      "chmod 600 /etc/ssh/ssh_host_ed25519_key",
      `printf '%s\n' 'Port ${port}' 'ListenAddress ${own ? "0.0.0.0" : "127.0.0.1"}' \
'HostKey /etc/ssh/ssh_host_ed25519_key' 'LogLevel ERROR' 'MaxStartups 100' \
${(options.sshd ?? []).map((line) => `'${line}'`).join(" ")} > /etc/ssh/sshd_config.d/test.conf`,
      `echo '${USER}:${password}' | chpasswd`,
      `printf '127.0.0.1 localhost bare\n' > /etc/hosts`,
      `cat > /etc/resolv.conf`,
    ];
    const inChroot = spawnSync(
      "nsenter",
      ["--target", process1, "--mount", "--", "chroot", inside, "/bin/sh", "-ec", setUp.join("\n")],
      {
        input: own ? "" : await readFile("/etc/resolv.conf"),
        env: ENVIRONMENT,
        encoding: "utf8",
      },
    );
    if (inChroot.status !== 0) throw new Error(`cannot set the host up: ${inChroot.stderr}`);
    if (own) joinNetwork(child.pid!, address.here, address.there);
    child.stdin.write("\n");
    await listening(address.there, port, () => {
      if (child.exitCode !== null) throw new Error(`the host ended: ${log}`);
    });
    return {
      name: "sshd",
      host: address.there,
      port,
      user: USER,
      home: `/home/${USER}`,
      password,
      key,
      hostKey,
      root,
      knownHosts,
      run,
      attempt,
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

const ENVIRONMENT = {
  PATH: "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
  HOME: "/root",
  LC_ALL: "C.UTF-8",
};

function sudoers(kind: "password" | "nopasswd" | "none"): string {
  if (kind === "none") return "";
  return `${USER} ALL=(ALL) ${kind === "nopasswd" ? "NOPASSWD: " : ""}ALL\n`;
}

async function saidMounted(child: ChildProcess, log: () => string): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    child.stdout!.once("data", () => resolve());
    child.once("error", reject);
    child.once("exit", () => reject(new Error(`the host did not start: ${log()}`)));
  });
}

async function firstChild(pid: number): Promise<string> {
  return (await readFile(`/proc/${pid}/task/${pid}/children`, "utf8")).trim().split(" ")[0]!;
}

/** Two neighboring addresses of a range that is for tests only (RFC 2544) and not in use here. */
function freeAddress(): { here: string; there: string } {
  const used = execFileSync("ip", ["-o", "-4", "address"], { encoding: "utf8" });
  for (;;) {
    const block = Math.floor(Math.random() * 0x8000) * 4;
    const address = (n: number) =>
      `198.${18 + (block >> 16)}.${(block >> 8) & 255}.${(block & 255) + n}`;
    if (!used.includes(` ${address(1)}/`)) return { here: address(1), there: address(2) };
  }
}

/** Joins the network namespace of `pid` to this machine by a cable; there is no way further. */
function joinNetwork(pid: number, here: string, there: string): void {
  const parts = here.split(".").slice(1);
  const cable = `ho${parts.map((part) => Number(part).toString(16).padStart(2, "0")).join("")}`;
  const ip = (...args: string[]) =>
    execFileSync("ip", args, { stdio: ["ignore", "ignore", "pipe"] });
  const inside = (...args: string[]) =>
    execFileSync("nsenter", ["--target", String(pid), "--net", "ip", ...args]);
  ip("link", "add", cable, "type", "veth", "peer", "name", "eth0", "netns", String(pid));
  ip("address", "add", `${here}/30`, "dev", cable);
  ip("link", "set", cable, "up");
  inside("link", "set", "lo", "up");
  inside("address", "add", `${there}/30`, "dev", "eth0");
  inside("link", "set", "eth0", "up");
}

async function listening(address: string, port: number, check: () => void): Promise<void> {
  await eventually(async () => {
    check();
    await new Promise<void>((resolve, reject) => {
      const socket = connect({ host: address, port }, () => {
        socket.destroy();
        resolve();
      });
      socket.once("error", reject);
    });
  });
}
