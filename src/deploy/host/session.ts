/** Over 300 lines: each method is one action on a host, and they share what is known about it. */
import { dirname, join } from "node:path/posix";
import { BuildoutError } from "../../errors/error.ts";
import type { HostEvent, HostoutEvent } from "../../events/deployment.ts";
import type { Reporter } from "../../events/reporter.ts";
import type { ExecOptions, ExecResult } from "../../ssh/commands/exec.ts";
import { quote, quotePath } from "../../ssh/commands/quote.ts";
import { underSh } from "../../ssh/commands/shell-program.ts";
import type { SudoMarks } from "../../ssh/commands/sudo.ts";
import type { HostConnection } from "../../ssh/connection.ts";
import type { Interaction, LocalTerminal } from "../../ssh/target.ts";
import { startTiming, timed } from "../../system/timings.ts";
import { buildoutKey, makeOwnKey, publicKeyLine } from "../part/identity.ts";
import { passwordOf } from "../part/login.ts";
import { DEFAULT_SHELL, type HostOptions } from "../part/options.ts";
import type { Reveal } from "../part/revealed.ts";
import type { HostLocation } from "./location.ts";
import type { Purpose } from "./lock.ts";
import { Logins, type Way } from "./logins.ts";
import { type HostOs, parseHostOs, SHOW_HOST_OS } from "./operating-system.ts";
import { outputLines } from "./output-lines.ts";
import { type HostFacts, nothingThere, probe, type Wanted } from "./probe.ts";
import { type LockAttempt, SessionLock } from "./session-lock.ts";
import type { SetUp } from "./set-up.ts";
import { StartedCommand, type Waiting } from "./started-command.ts";
import { SudoPassword } from "./sudo-password.ts";
import type { Tunnel } from "./tunnel.ts";

/** One host during one call of the command line: the facts about it, and what runs there. */
export class HostSession {
  readonly options: HostOptions;
  readonly signal: AbortSignal;
  readonly #interaction: Interaction;
  readonly #report: Reporter<HostoutEvent>;
  readonly logins: Logins;
  #facts: Promise<HostFacts> | undefined;
  #operatingSystem: Promise<HostOs> | undefined;
  #bash: Promise<boolean> | undefined;
  readonly #sudoPassword: SudoPassword;
  #tunnel: Promise<Tunnel> | undefined;
  readonly #lock: SessionLock;
  #nothingToLock = false;
  #wanted: Wanted = "no";
  /** The number of requests to the host when it was last probed. */
  #seenAt = 0;
  /** The connection on which the lock has been requested, so that other requests come after it. */
  readonly #asked: Promise<HostConnection>;
  #isAsked: (connection: HostConnection) => void = () => {};
  /** The lock has been requested, and there is no answer yet. */
  #isLooking = false;
  readonly purpose: Purpose;
  /** For passwords in the options. */
  readonly reveal: Reveal;

  constructor(
    options: HostOptions,
    interaction: Interaction,
    report: Reporter<HostoutEvent>,
    signal: AbortSignal,
    purpose: Purpose,
    reveal: Reveal,
    way: Way = {},
  ) {
    this.reveal = reveal;
    this.options = options;
    this.purpose = purpose;
    // Without a listener, it is an event.
    this.#interaction = { note: (text) => this.note(text), ...interaction };
    this.#report = report;
    this.signal = signal;
    this.logins = new Logins({
      ...{ options, interaction: this.#interaction, signal, reveal, way },
      emit: (event) => this.emit(event),
      note: (text) => this.note(text),
      timed: (phase, work) => this.timed(phase, work),
    });
    this.#asked = new Promise((resolve) => {
      this.#isAsked = resolve;
    });
    this.#lock = new SessionLock(options.name, (setUp) => this.#takeLock(setUp));
    this.#sudoPassword = new SudoPassword(
      this.#interaction,
      options.host,
      async () => {
        const { password } = await this.loginConnection();
        return (await passwordOf(options, options.user, reveal)) ?? password;
      },
      async () => (await this.loginConnection()).user,
    );
  }

  /** A session with another host, for the same user and listeners. */
  elsewhere(options: HostOptions, way: Way): HostSession {
    const { ask: _, confirm: __, ...silent } = this.#interaction;
    const interaction = way.asksNobody ? silent : this.#interaction;
    return new HostSession(
      options,
      interaction,
      this.#report,
      this.signal,
      this.purpose,
      this.reveal,
      way,
    );
  }

  /** Sets the location of the host, overriding its options. */
  async locate(location: HostLocation): Promise<void> {
    const isOther = this.logins.move(location) || location.host !== this.options.host;
    this.options.host = location.host;
    if (isOther) await this.logOut();
  }

  emit(event: HostEvent): void {
    this.#report({ ...event, host: this.options.name } as HostoutEvent);
  }

  /** Does `work`, measured for --timings. */
  timed<T>(phase: string, work: () => Promise<T>): Promise<T> {
    return timed(phase, this.options.name, work);
  }

  note(text: string): void {
    this.emit({ type: "note", text });
  }

  get env(): Interaction["env"] {
    return this.#interaction.env;
  }

  /** The connection of the user who owns the buildout: `buildout-user`, else the login user. */
  buildoutConnection(): Promise<HostConnection> {
    return this.logins.connection(this.options.buildoutUser ?? this.options.user);
  }

  /** The connection of the login user, who may use sudo. */
  loginConnection(): Promise<HostConnection> {
    return this.logins.connection(this.options.user);
  }

  /** The buildout user's connection, or the login user's while the host has no buildout user. */
  async anyConnection(): Promise<HostConnection> {
    return (await this.facts()).buildoutUser ? this.buildoutConnection() : this.loginConnection();
  }

  /** Logs out, so that the next login picks up changes such as new groups. */
  async logOut(): Promise<void> {
    await this.#lock.release();
    const connections = await this.logins.leave();
    const tunnel = await this.#tunnel?.catch(() => undefined);
    this.#tunnel = undefined;
    this.#nothingToLock = false;
    this.forget();
    await tunnel?.close();
    for (const connection of connections) await connection.close();
  }

  /** Round-trip time to the host in milliseconds; 0 if it does not exist yet. */
  async latency(): Promise<number> {
    return this.logins.absent === undefined ? (await this.anyConnection()).latency : 0;
  }

  /** Facts from a probe of the host; probed once, and again after `forget()`. */
  facts(): Promise<HostFacts> {
    return this.#facts ?? this.#see(this.#probe());
  }

  #see(facts: Promise<HostFacts>): Promise<HostFacts> {
    this.#facts = facts;
    const done = () => {
      this.#seenAt = this.logins.roundTrips;
    };
    facts.then(done, done);
    return facts;
  }

  /** The host is as the facts say: nothing has run there since the last probe or `seeAgain()`. */
  get isAsSeen(): boolean {
    return this.#seenAt === this.logins.roundTrips;
  }

  /** What has run since the last probe has only changed what the facts now say. */
  seeAgain(): void {
    this.#seenAt = this.logins.roundTrips;
  }

  forget(): void {
    this.#facts = undefined;
  }

  /** Includes the host's releases in the facts from now on. */
  wantReleases(): void {
    if (this.#wanted !== "no") return;
    this.#wanted = this.options.atomic ? "atomic" : "releases";
    this.forget();
  }

  /**
   * Acquires the lock of the buildout directory once, and releases it at the end of the session. There is
   * no lock before the directory and its user exist: call again then, or with a `setUp` for the directory. It runs if
   * the session does not have the lock yet.
   *
   * @throws BuildoutError `host-locked`, `lock-lost`, `flock-missing`, `lock-failed`
   */
  async lock(setUp?: SetUp): Promise<void> {
    // Nothing can have made the directory.
    if (setUp === undefined && this.#nothingToLock && this.isAsSeen) return;
    this.#nothingToLock = !(await this.#lock.take((facts) => {
      // Facts from before the lock may have changed.
      this.#see(facts);
    }, setUp));
  }

  /** Shows those who find the host locked what is being deployed. */
  async noteRelease(id: string): Promise<void> {
    await this.#lock.note(`${this.purpose.what} of ${id}`);
  }

  /** The host's operating system, asked once. */
  operatingSystem(): Promise<HostOs> {
    if (this.#operatingSystem === undefined) {
      this.#operatingSystem = this.facts().then(({ system }) =>
        system === undefined ? this.detectOperatingSystem() : parseHostOs(system.os),
      );
      this.#operatingSystem.catch(() => {
        this.#operatingSystem = undefined;
      });
    }
    return this.#operatingSystem;
  }

  /** The same, asked again. */
  async detectOperatingSystem(): Promise<HostOs> {
    const connection = await this.anyConnection();
    const { isAsSeen } = this;
    const { stdout } = await connection.sh(SHOW_HOST_OS);
    if (isAsSeen) this.seeAgain();
    return parseHostOs(stdout);
  }

  /** Runs a shell command as the buildout user, in the directory of the release unless `cwd` is set. */
  async run(command: string, { started, ...options }: RunOptions = {}): Promise<ExecResult> {
    const connection = await ("login" in options
      ? this.logins.connection(options.login)
      : this.buildoutConnection());
    return this.#shown(
      command,
      connection,
      false,
      options,
      async (text, exec) => (await started?.proceed(exec)) ?? connection.exec(text, exec),
    );
  }

  /**
   * Starts a program that waits, as the buildout user in the login directory, for a `run` that lets it work. Undefined
   * if the options ask for another shell or a tunnel.
   */
  async start(program: string, waiting: Waiting): Promise<StartedCommand | undefined> {
    if (this.options.shell !== DEFAULT_SHELL || this.options.tunnel) return undefined;
    const connection = await this.buildoutConnection();
    const { drained } = this.#interaction;
    return new StartedCommand(waiting, (options) =>
      connection.exec(underSh(program), {
        ...options,
        ...{ signal: this.signal, drained, onlyIfFree: true },
      }),
    );
  }

  /**
   * Starts a program in the same way while the host is inspected for the lock, now or at the next one. Undefined if the
   * host has been inspected already. It ends if another request needs its session.
   */
  async startMeanwhile(program: string, waiting: Waiting): Promise<StartedCommand | undefined> {
    const connection = await this.#asked;
    if (!this.#isLooking) return undefined;
    const started = new StartedCommand(waiting, (options) =>
      connection.sh(program, { ...options, signal: this.signal, onlyIfFree: true }),
    );
    connection.onWait(() => started.cancel());
    return started;
  }

  /** The same as `user`, root by default: through sudo, or directly if `no-sudo` is set. */
  async sudo(
    command: string,
    { user, group, line, password, ...options }: SudoRunOptions = {},
  ): Promise<ExecResult> {
    if (this.options.noSudo) return this.run(command, options);
    const connection = await ("login" in options
      ? this.logins.connection(options.login)
      : this.loginConnection());
    const others = this.#sudoPassword.answers();
    return this.#shown(command, connection, true, options, (text, exec) =>
      connection.sudo(text, {
        ...exec,
        ...(user !== undefined && { user }),
        ...(group !== undefined && { group }),
        // The tunnel is for the command that sudo runs, not for sudo itself.
        ...(line !== undefined && !this.options.tunnel && { line }),
        password:
          password === undefined
            ? others
            : async (attempt) => (attempt === 1 ? password : others(attempt - 1)),
      }),
    );
  }

  /** Whether the host has the shell that Fabric 1 uses; checked once, as `login`. */
  bash(login: string | undefined): Promise<boolean> {
    this.#bash ??= this.logins.connection(login).then(async (connection) => {
      const { code } = await connection.exec("test -x /bin/bash");
      return code === 0;
    });
    this.#bash.catch(() => {
      this.#bash = undefined;
    });
    return this.#bash;
  }

  /** Asks the user on the terminal. Throws `no-terminal` if there is none. */
  async ask(question: string, options?: { hidden?: boolean }): Promise<string> {
    const { ask } = this.#interaction;
    if (ask === undefined) throw noTerminal(question);
    return ask(question, options);
  }

  /** The user's terminal. Throws `no-terminal` if there is none. */
  terminal(what: string, hint: string): LocalTerminal {
    const { terminal } = this.#interaction;
    if (terminal !== undefined) return terminal;
    throw new BuildoutError("no-terminal", `There is no terminal for ${what}.`, { hint });
  }

  /** Like `ask`, for a yes or no. */
  async confirm(question: string): Promise<boolean> {
    const { confirm } = this.#interaction;
    if (confirm === undefined) throw noTerminal(question);
    return confirm(question);
  }

  async close(): Promise<void> {
    const open = await this.logins.leave();
    if (open.length === 0) return;
    const ended = startTiming("closing", this.options.name);
    const unlocked = this.#lock.release();
    await (await this.#tunnel?.catch(() => undefined))?.close();
    const roundTrips = open.reduce((sum, connection) => sum + connection.roundTrips, 0);
    // Closing the connection frees the lock as well: one round trip for both.
    await Promise.all(open.map((connection) => connection.close()));
    await unlocked;
    ended();
    this.emit({ type: "closed", roundTrips });
  }

  async #shown(
    command: string,
    connection: HostConnection,
    sudo: boolean,
    options: RunOptions,
    exec: (text: string, options: ExecOptions) => Promise<ExecResult>,
  ): Promise<ExecResult> {
    const { cwd, label, quiet, hidden, login: _, combined, ...others } = options;
    const { shell = this.options.shell, ...rest } = others;
    const folder = cwd === undefined ? (await this.facts()).directory : cwd;
    const inner = folder === null ? command : `cd ${quotePath(folder)} && ${command}`;
    const wrap = (line: string) => (shell === null ? line : `${shell} ${quote(line)}`);
    const text = wrap(inner);
    const hides = (group: string) => quiet || hidden?.has(group);
    if (!hides("running")) {
      const line = shell === null ? inner : shown(text, inner);
      this.emit({ type: "run", command: label ?? line, sudo });
    }
    const tunnel = await this.#openTunnel(connection);
    const mask = tunnel?.mask ?? ((line: string) => line);
    const out = this.#lines("out", hides("stdout"), mask);
    const err = this.#lines("err", hides("stderr"), mask);
    const together: string[] = [];
    const both = (chunk: string) => {
      together.push(chunk);
      out.push(chunk);
    };
    const through = tunnel?.lead(text, { login: shell === null && !sudo });
    const ended = startTiming(
      (label ?? command).split("\n", 1)[0]!.slice(0, 40),
      this.options.name,
    );
    const result = await exec(through ?? (shell === DEFAULT_SHELL ? underSh(inner) : text), {
      ...rest,
      ...(tunnel !== undefined && { firstLine: tunnel.url }),
      signal: rest.signal === undefined ? this.signal : AbortSignal.any([this.signal, rest.signal]),
      onStdout: combined ? both : out.push,
      onStderr: combined ? both : err.push,
      drained: this.#interaction.drained,
    });
    ended();
    out.end();
    err.end();
    this.logins.retry();
    if (combined) return { ...result, stdout: mask(together.join("")), stderr: "" };
    return { ...result, stdout: mask(result.stdout), stderr: mask(result.stderr) };
  }

  /** With `tunnel = true`: the tunnel, opened once. */
  async #openTunnel(connection: HostConnection): Promise<Tunnel | undefined> {
    const { tunnel, tunnelAllow, name } = this.options;
    if (!tunnel) return undefined;
    const { openTunnel } = await import("./tunnel.ts");
    this.#tunnel ??= openTunnel(connection, {
      env: this.#interaction.env,
      allow: tunnelAllow,
      onRefused: (message) =>
        this.emit({
          type: "warning",
          text: `${message} Add it to 'tunnel-allow' in [${name}] to allow it.`,
        }),
    });
    return this.#tunnel;
  }

  #lines(stream: "out" | "err", quiet: boolean | undefined, mask: (line: string) => string) {
    return outputLines((line) => {
      if (!quiet) this.emit({ type: "output", stream, line: mask(line) });
    });
  }

  /**
   * The private key to authorize, and the line of its public half: `identity-file` if it exists, else
   * `HOSTNAME_key`, which is created. Throws `public-key-unreadable`.
   */
  async identity(): Promise<{ file: string; publicKey: string }> {
    let file = buildoutKey(this.options, this.env);
    if (file === undefined) {
      await makeOwnKey(this.options);
      file = this.options.ownKeyFile;
      this.note(`Made the key ${file}`);
    }
    return { file, publicKey: await publicKeyLine(file) };
  }

  /** The login user's password for sudo, known or asked for once. Throws `sudo-password-needed`. */
  sudoPassword(): Promise<string> {
    return this.#sudoPassword.get();
  }

  async #probe(): Promise<HostFacts> {
    if (this.logins.absent !== undefined) {
      const user = this.options.buildoutUser ?? this.options.user ?? "";
      return nothingThere(this.options.path, this.#cache(user));
    }
    const owner = await this.logins.buildoutUser();
    const connection = owner ?? (await this.loginConnection());
    const user = owner?.user ?? this.options.buildoutUser ?? connection.user;
    return this.timed("inspect the host", () =>
      probe(connection, this.options.path, this.#cache(user), {
        buildoutUser: owner !== undefined,
        releases: this.#wanted,
      }),
    );
  }

  #cache(user: string): string {
    const { path, buildoutCache } = this.options;
    return buildoutCache ?? join(dirname(path), "buildout-cache", user);
  }

  async #takeLock(setUp: SetUp | undefined): Promise<LockAttempt> {
    const before = this.#facts;
    const connection = await this.logins.buildoutUser();
    if (connection === undefined) return { lock: undefined, facts: await this.#probe() };
    const { takeLock } = await import("./lock.ts");
    const { name, path } = this.options;
    const { lock, facts } = await this.timed("lock and inspect the host", () => {
      const taken = takeLock(connection, {
        ...{ name, path, cache: this.#cache(connection.user), signal: this.signal },
        ...this.purpose,
        ...{ releases: this.#wanted, setUp },
        onNote: (text) => this.note(text),
        another: () => this.logins.connect(this.options.buildoutUser ?? this.options.user),
      });
      this.#isLooking = true;
      const seen = () => {
        this.#isLooking = false;
      };
      taken.then(seen, seen);
      this.#isAsked(connection);
      return taken;
    });
    if (facts === undefined) return { lock, facts: await (before ?? this.#probe()) };
    return { lock, facts: { ...facts, buildoutUser: true } };
  }
}

export interface RunOptions extends Omit<ExecOptions, "onStdout" | "onStderr"> {
  /** Directory to run in; null: the login directory. */
  cwd?: string | null;
  /** Shown instead of the command, for our own long scripts. */
  label?: string;
  quiet?: boolean;
  /** Kinds of lines to hide: `running`, `stdout`, `stderr`. */
  hidden?: ReadonlySet<string>;
  /** Merge both outputs in order of arrival. */
  combined?: boolean;
  /** Already runs and waits: used instead of the command, unless it has ended. */
  started?: StartedCommand | undefined;
  /** The login user; by default the buildout user. */
  login?: string | undefined;
  /** Overrides the option `shell`. Null: pass the command to the user's login shell. */
  shell?: string | null;
}

export interface SudoRunOptions extends RunOptions {
  user?: string;
  group?: string;
  /** A command line with its own sudo, instead of ours. */
  line?: (marks: SudoMarks) => string;
  /** Tried before known or typed ones. */
  password?: string;
}

function noTerminal(question: string): BuildoutError {
  return new BuildoutError("no-terminal", `There is no terminal to ask: ${question.trim()}`, {
    hint: "Run it on a terminal, or pass the answer as an argument of the command.",
  });
}

/** `sh -c "cd /var/host1 && pwd"`: as a user would type it. */
function shown(text: string, inner: string): string {
  const head = text.slice(0, text.length - quote(inner).length);
  return `${head}"${inner.replace(/(["\\$`])/g, "\\$1")}"`;
}
