import { execFile, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { chmod, mkdir, mkdtemp, rename, rm, writeFile } from "node:fs/promises";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

const execute = promisify(execFile);

const RELEASE = "bookworm";
/** Increase this if roots are made differently. */
const EDITION = 2;
/** For hosts that are to have Node: one root for all of them. */
export const NODE_PACKAGES = ["nodejs", "npm", "rsync"];
/** All packages of a host in addition to Debian's minbase; ssh requires procps, nothing Python or curl. */
const PACKAGES = ["openssh-server", "sudo"];

const TOOLS = ["debootstrap", "ip", "unshare", "nsenter", "setpriv", "flock", "ssh-keygen"];
const INSTALL = "apt-get install debootstrap iproute2 util-linux openssh-client";

/** Why hosts cannot be created on this machine; undefined if they can. */
export function machineLacks(): string | undefined {
  if (process.platform !== "linux") return "bare hosts are made of Linux namespaces";
  if (process.getuid?.() !== 0) return "only root can make root file systems and namespaces";
  const missing = TOOLS.filter((tool) => spawnSync("sh", ["-c", `command -v ${tool}`]).status);
  if (missing.length > 0) return `${missing.join(", ")} not installed (${INSTALL})`;
  const namespaces = ["--mount", "--pid", "--fork", "--net", "--uts", "--ipc", "true"];
  if (spawnSync("unshare", namespaces).status !== 0) return "this machine forbids namespaces";
  return undefined;
}

/**
 * The directory of a Debian root file system with `packages`, created the first time and kept in the user's
 * cache directory. All hosts share it, and it is never changed.
 */
export async function cachedRoot(packages: readonly string[] = []): Promise<string> {
  const sources = await aptSources();
  const key = createHash("sha256")
    .update(JSON.stringify([EDITION, RELEASE, PACKAGES, packages, sources]))
    .digest("hex")
    .slice(0, 12);
  const root = join(cacheFolder(), `${RELEASE}-${key}`);
  if (existsSync(root)) return root;
  await mkdir(cacheFolder(), { recursive: true });
  const base = packages.length === 0 ? undefined : await cachedRoot();
  await withLock(`${root}.lock`, async () => {
    if (existsSync(root)) return;
    const part = await mkdtemp(`${root}.`);
    try {
      if (base === undefined) await debootstrap(part, sources);
      else await addPackages(base, part, packages);
      await chmod(part, 0o755);
      await rename(part, root);
    } catch (error) {
      await rm(part, { recursive: true, force: true });
      throw error;
    }
  });
  return root;
}

export function cacheFolder(): string {
  return join(process.env.XDG_CACHE_HOME || join(homedir(), ".cache"), "hostout-test/roots");
}

async function debootstrap(root: string, sources: AptSources): Promise<void> {
  const include = `--include=${PACKAGES.join(",")}`;
  await run("debootstrap", ["--variant=minbase", include, RELEASE, root, sources.mirror]);
  await writeFile(join(root, "etc/apt/sources.list"), sources.lines.join("\n"));
  await writeFile(join(root, "etc/apt/apt.conf.d/90machine"), sources.settings.join("\n"));
  // A host for one test need not survive a power failure, and nobody reads its manuals.
  const dpkg = [
    "force-unsafe-io",
    "path-exclude=/usr/share/doc/*",
    "path-exclude=/usr/share/man/*",
  ];
  await writeFile(
    join(root, "etc/dpkg/dpkg.cfg.d/90test"),
    dpkg.map((line) => `${line}\n`).join(""),
  );
  // Keys are each host's own.
  const leftOver = "var/cache/apt/archives/*.deb var/lib/apt/lists/* etc/ssh/ssh_host_*";
  await run("sh", ["-c", `cd "$0" && rm -rf ${leftOver}`, root]);
}

async function addPackages(base: string, root: string, packages: readonly string[]): Promise<void> {
  await run("cp", ["-a", "--reflink=auto", `${base}/.`, root]);
  await run("cp", ["--dereference", "/etc/resolv.conf", join(root, "etc/resolv.conf")]);
  const install = `export DEBIAN_FRONTEND=noninteractive
apt-get update -q && apt-get install -y -q --no-install-recommends ${packages.join(" ")} && apt-get clean`;
  await run("chroot", [root, "/bin/sh", "-c", install]);
}

interface AptSources {
  mirror: string;
  lines: string[];
  /** Lines of apt.conf(5): this machine's way to the mirror. */
  settings: string[];
}

/** The source of Debian packages of this machine; read again at each run, stored nowhere in the project. */
export async function aptSources(): Promise<AptSources> {
  const format = "$(ORIGIN)|$(COMPONENT)|$(RELEASE)|$(REPO_URI)";
  const targets = await execute("apt-get", [
    "indextargets",
    "--format",
    format,
    "Created-By: Packages",
  ])
    .then(({ stdout }) => stdout.trim().split("\n"))
    .catch(() => []);
  const repositories = new Map<string, string>();
  let mirror: string | undefined;
  for (const target of targets) {
    const [origin, component, release = "", uri = ""] = target.split("|");
    if (origin !== "Debian" || component !== "main") continue;
    if (/^\w+$/.test(release)) mirror ??= uri;
    if (release === RELEASE || release.startsWith(`${RELEASE}-`)) repositories.set(release, uri);
  }
  if (mirror === undefined) throw new Error("apt names no source of Debian's packages");
  if (!repositories.has(RELEASE)) repositories.set(RELEASE, mirror);
  const lines = [...repositories].map(([release, uri]) => `deb ${uri} ${release} main`);
  const { stdout } = await execute("apt-config", ["dump"]);
  const settings = stdout.split("\n").filter((line) => /^Acquire::(https?|Check-)/.test(line));
  return { mirror, lines: [...lines, ""], settings: [...settings, ""] };
}

/** Runs `action` while no other process does; a process that dies releases the lock. */
export async function withLock<T>(file: string, action: () => Promise<T>): Promise<T> {
  const { spawn } = await import("node:child_process");
  const holder = spawn("flock", [file, "sh", "-c", "echo held; cat"], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  await new Promise<void>((resolve, reject) => {
    holder.stdout.once("data", () => resolve());
    holder.once("error", reject);
    holder.once("exit", () => reject(new Error(`cannot lock ${file}`)));
  });
  try {
    return await action();
  } finally {
    holder.stdin.end();
  }
}

export async function run(command: string, args: string[]): Promise<void> {
  try {
    // dpkg closes every possible file descriptor: a low limit halves its time.
    const few = ["-c", 'ulimit -n 1024; exec "$@"', "sh", command, ...args];
    await execute("sh", few, { cwd: tmpdir(), maxBuffer: 100_000_000 });
  } catch (error) {
    const { stdout = "", stderr = "" } = error as { stdout?: string; stderr?: string };
    const output = `${stdout}${stderr}`.trim().split("\n").slice(-15).join("\n");
    throw new Error(`${command} failed:\n${output}`, { cause: error });
  }
}
