import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { randomUUID } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import type { ServerChannel } from "ssh2";

/** In the environment of every process of a sandbox, even one that left its group. */
const MARK = "HOSTOUT_SANDBOX";
/** Milliseconds between TERM and KILL. */
const GRACE = 500;

/** The processes of one sandbox. */
export class Commands {
  readonly root: string;
  readonly user: string;
  readonly #settings: NodeJS.ProcessEnv;
  readonly id = randomUUID();
  readonly running = new Set<Command>();
  #script: boolean | undefined;

  /** `settings` are set for every command. */
  constructor(root: string, user: string, settings: NodeJS.ProcessEnv = {}) {
    this.root = root;
    this.user = user;
    this.#settings = settings;
  }

  /** Whether there is a util-linux script(1), which creates terminals. */
  get hasScript(): boolean {
    this.#script ??= /util-linux/.test(
      spawnSync("script", ["--version"], { encoding: "utf8" }).stdout,
    );
    return this.#script;
  }

  /** The processes of one connection. */
  newOwner() {
    const own = new Set<Command>();
    return {
      newCommand: () => {
        const command = new Command(this);
        own.add(command);
        command.onEnd = () => own.delete(command);
        return command;
      },
      kill: () => {
        for (const command of own) command.hangUp();
      },
    };
  }

  /** Ends running commands, and processes left behind by ended ones. */
  async killAll(): Promise<void> {
    for (const command of this.running) command.signal("SIGTERM");
    for (const pid of await this.#marked()) kill(pid, "SIGTERM");
    const end = Date.now() + GRACE;
    while (Date.now() < end && (this.running.size > 0 || (await this.#marked()).length > 0)) {
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    for (const command of this.running) command.signal("SIGKILL");
    for (const pid of await this.#marked()) kill(pid, "SIGKILL");
  }

  /** Processes with the mark of this sandbox. Without /proc (macOS), none are found. */
  async #marked(): Promise<number[]> {
    const entries = await readdir("/proc").catch(() => []);
    const pids = entries.filter((name) => /^\d+$/.test(name)).map(Number);
    const mark = `${MARK}=${this.id}\0`;
    const marked = await Promise.all(
      pids.map(async (pid) => {
        // Another user's process, or one that has ended meanwhile.
        const environment = await readFile(`/proc/${pid}/environ`, "latin1").catch(() => "");
        return `${environment}\0`.includes(mark);
      }),
    );
    return pids.filter((_, i) => marked[i]);
  }

  environment(): NodeJS.ProcessEnv {
    return {
      ...this.#settings,
      PATH: process.env.PATH,
      LANG: process.env.LANG,
      HOME: this.root,
      USER: this.user,
      LOGNAME: this.user,
      SHELL: "/bin/sh",
      [MARK]: this.id,
    };
  }
}

/** The command of one SSH session: a separate process group connected to a channel. */
export class Command {
  readonly env: NodeJS.ProcessEnv = {};
  onEnd: () => void = () => {};
  readonly #commands: Commands;
  #child: ChildProcess | undefined;
  #pty = false;

  constructor(commands: Commands) {
    this.#commands = commands;
  }

  /** Requests a terminal; false without a util-linux script(1). */
  usePty(): boolean {
    this.#pty = this.#commands.hasScript;
    return this.#pty;
  }

  run(command: string, channel: ServerChannel): void {
    const commands = this.#commands;
    const argv = this.#pty
      ? ["script", "-q", "-e", "-f", "-c", command, "/dev/null"]
      : ["/bin/sh", "-c", command];
    const child = spawn(argv[0]!, argv.slice(1), {
      cwd: commands.root,
      env: { ...this.env, ...commands.environment() },
      detached: true,
    });
    this.#child = child;
    commands.running.add(this);
    // Broken pipes: the process has ended, which `close` reports.
    child.stdin.on("error", () => {});
    channel.on("error", () => {});
    channel.pipe(child.stdin);
    child.stdout.pipe(channel, { end: false });
    child.stderr.pipe(channel.stderr, { end: false });

    const ended = () => {
      commands.running.delete(this);
      this.#child = undefined;
      this.onEnd();
    };
    child.once("error", (error) => {
      ended();
      channel.stderr.write(`${error.message}\n`);
      channel.exit(127);
      channel.end();
    });
    child.once("exit", ended);
    child.once("close", (code, signal) => {
      if (signal === null) channel.exit(code ?? 0);
      else channel.exit(signal.replace(/^SIG/, ""), false, "");
      channel.end();
    });
  }

  signal(name: NodeJS.Signals): void {
    const pid = this.#child?.pid;
    if (pid !== undefined) kill(-pid, name);
  }

  /** Ends a command that is still running when its session is over. */
  hangUp(): void {
    const child = this.#child;
    if (child === undefined) {
      this.onEnd();
      return;
    }
    this.signal("SIGTERM");
    const timer = setTimeout(() => this.signal("SIGKILL"), GRACE);
    child.once("exit", () => clearTimeout(timer));
    child.stdout?.destroy();
    child.stderr?.destroy();
  }
}

function kill(pid: number, signal: NodeJS.Signals) {
  try {
    process.kill(pid, signal);
  } catch {
    // It has ended meanwhile.
  }
}
