import { spawnSync } from "node:child_process";
import {
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statfsSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { eventually, startSshdServer, type TestServer } from "../support/servers.ts";
import { treeOf } from "../support/tree.ts";

const LARGE = "size=1g,nr_inodes=200k";

/** A process of the host's user. */
interface HostProcess {
  pid: number;
  command: string;
}

/** Runs a program that must succeed, and returns its output. */
function succeed(program: string, ...args: string[]): string {
  const { status, stdout, stderr } = spawnSync(program, args, { encoding: "utf8" });
  if (status !== 0) throw new Error(`${program} ${args.join(" ")}: ${status} ${stderr}`);
  return stdout;
}

/** A user on an sshd whose disk, clock and processes can be made to fail. The disk is a file system of its own. */
export class FaultyHost {
  readonly server: TestServer;
  /** The disk, as the host names it. */
  readonly disk: string;
  /** The same, as this process reaches it: the mount is in the host's namespace alone. */
  readonly #seen: string;
  readonly #uid: number;
  #isReadOnly = false;

  private constructor(server: TestServer) {
    this.server = server;
    this.disk = join(server.home, "disk");
    this.#seen = `/proc/${server.pid}/root${this.disk}`;
    this.#uid = statSync(server.home).uid;
  }

  static async start(): Promise<FaultyHost> {
    const server = await startSshdServer(
      ["PermitUserEnvironment yes"],
      `mkdir "$1/home/disk"; mount -t tmpfs -o ${LARGE} disk "$1/home/disk"
chown --reference="$1/home" "$1/home/disk"
mkdir "$1/home/read-only"; mount --bind "$1/home/disk" "$1/home/read-only"
mount -o remount,bind,ro "$1/home/read-only"`,
    );
    const ssh = join(server.home, ".ssh");
    mkdirSync(ssh);
    return new FaultyHost(server);
  }

  /** Replaces everything on the disk with the directory `from`, or empties the disk. */
  restore(from?: string): void {
    for (const name of readdirSync(this.#seen)) {
      rmSync(join(this.#seen, name), { recursive: true, force: true });
    }
    if (from !== undefined) succeed("cp", "-a", `${from}/.`, this.#seen);
  }

  /** Copies the disk into a new directory, with owners, modes, times and hard links. */
  keep(into: string): string {
    mkdirSync(into, { recursive: true });
    succeed("cp", "-a", `${this.#seen}/.`, into);
    return into;
  }

  /** Bytes and files in use. */
  used(): { bytes: number; files: number } {
    const { blocks, bfree, bsize, files, ffree } = statfsSync(this.#seen);
    return { bytes: (blocks - bfree) * bsize, files: files - ffree };
  }

  /** Limits the disk to this many additional bytes. */
  limit(bytes: number): void {
    this.#remount(`remount,size=${this.used().bytes + bytes}`);
  }

  /** Limits the disk to this many additional files. */
  limitFiles(count: number): void {
    this.#remount(`remount,nr_inodes=${this.used().files + count}`);
  }

  /** Runs a shell command of root's on the disk. */
  run(command: string): void {
    succeed("sh", "-ec", `cd ${this.#seen}; ${command}`);
  }

  /**
   * From now on, processes started by new logins cannot write anything; those that already have a working
   * directory on the disk still can. (While the lock is held, Linux makes no mount read-only.)
   */
  makeReadOnly(): void {
    this.#mount("--bind", join(this.server.home, "read-only"), this.disk);
    this.#isReadOnly = true;
  }

  /** The error, in seconds, of the clocks of programs started by later logins; 0 for none. */
  shiftClock(seconds: number): void {
    const file = join(this.server.home, ".ssh/environment");
    const shift = `${seconds < 0 ? "" : "+"}${seconds}`;
    const library = "/usr/lib/x86_64-linux-gnu/faketime/libfaketime.so.1";
    writeFileSync(
      file,
      seconds === 0
        ? ""
        : `LD_PRELOAD=${library}\nFAKETIME=${shift}\nFAKETIME_DONT_FAKE_MONOTONIC=1\nFAKETIME_SKIP_CMDS=python3\n`,
    );
  }

  /** Disk and clock work again. */
  heal(): void {
    if (this.#isReadOnly) this.#inside("umount", "--lazy", this.disk);
    this.#isReadOnly = false;
    this.#remount(`remount,${LARGE}`);
    this.shiftClock(0);
  }

  processes(): HostProcess[] {
    return readdirSync("/proc")
      .filter((name) => /^\d+$/.test(name))
      .flatMap((name) => {
        try {
          if (statSync(`/proc/${name}`).uid !== this.#uid) return [];
          const command = readFileSync(`/proc/${name}/cmdline`, "utf8").replaceAll("\0", " ");
          return command === "" ? [] : [{ pid: Number(name), command }];
        } catch {
          return []; // It has ended since.
        }
      });
  }

  /** Resolves when nothing of the user's runs. */
  async quiet(): Promise<void> {
    await eventually(() => {
      const running = this.processes();
      if (running.length > 0) throw new Error(`still running: ${JSON.stringify(running)}`);
    });
  }

  /** The files below a directory of the disk, in the form of `treeOf`. */
  tree(folder: string, leaveOut: (path: string) => boolean): Map<string, string> {
    return treeOf(join(this.#seen, folder), leaveOut);
  }

  /** The same for the directory that `current` points to, without files that name that directory. */
  currentTree(folder: string, leaveOut: (path: string) => boolean): Map<string, string> {
    const app = join(this.#seen, folder);
    const link = lstatSync(join(app, "current"), { throwIfNoEntry: false });
    if (link === undefined) return new Map();
    const target = readlinkSync(join(app, "current"));
    return treeOf(join(app, target), leaveOut, target);
  }

  /** A file of the disk, as this process reads it. */
  file(path: string): string {
    return join(this.#seen, path);
  }

  async close(): Promise<void> {
    for (const { pid } of this.processes()) process.kill(pid, "SIGKILL");
    await this.server.close();
  }

  #remount(options: string): void {
    this.#mount("-o", options, this.disk);
  }

  #mount(...words: string[]): void {
    this.#inside("mount", ...words);
  }

  /** Runs a program of root's in the namespace that the mount is in. */
  #inside(...words: string[]): void {
    succeed("nsenter", "-t", String(this.server.pid), "-m", ...words);
  }
}
