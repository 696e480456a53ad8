import type { Duplex, Readable } from "node:stream";
import type { Stats } from "ssh2";
import { BuildoutError } from "../errors/error.ts";
import { Beginning, withBeginning } from "./commands/beginning.ts";
import { type ExecOptions, type ExecResult, execute } from "./commands/exec.ts";
import { underSh } from "./commands/shell-program.ts";
import { type SudoOptions, sudo } from "./commands/sudo.ts";
import { uploadDirectory } from "./commands/upload-directory.ts";
import { download, downloadDirectory, type GetOptions, readRemote } from "./files/download.ts";
import type { LeftOut } from "./files/left-out.ts";
import { Sftp } from "./files/sftp.ts";
import { type PutOptions, upload } from "./files/upload.ts";
import type { ResolvedTarget } from "./target.ts";
import type { Transport } from "./transport.ts";

/**
 * One SSH connection to a host, used for everything there. Relative paths on the host start at the home
 * directory. Once the connection is lost, every method rejects with a BuildoutError `connection-lost`.
 */
export class HostConnection {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  /** The accepted password; undefined for a key login. */
  readonly password: string | undefined;
  readonly #transport: Transport;
  readonly #sftp: Sftp;
  readonly #target: ResolvedTarget;
  readonly #jump: HostConnection | undefined;

  constructor(
    transport: Transport,
    target: ResolvedTarget,
    jump: HostConnection | undefined,
    password: string | undefined,
  ) {
    this.host = target.hostName;
    this.port = target.port;
    this.user = target.user;
    this.password = password;
    this.#transport = transport;
    this.#sftp = new Sftp(transport);
    this.#target = target;
    this.#jump = jump;
  }

  /** Round-trip time in milliseconds, measured when connecting. */
  get latency(): number {
    return this.#transport.latency;
  }

  /** Requests that waited for an answer so far; a pipelined batch counts as one. */
  get roundTrips(): number {
    return this.#transport.roundTrips;
  }

  /**
   * Runs a command in the user's shell. A status other than 0 is a result, not an error.
   *
   * @throws BuildoutError `command-timeout`, `interrupted`, `connection-lost`
   */
  async exec(command: string, options?: ExecOptions): Promise<ExecResult> {
    const result = await execute(this.#transport, command, options);
    if (result.code !== 0 && command.includes("\n") && /^Unmatched '/m.test(result.stderr)) {
      throw new BuildoutError(
        "remote-command-failed",
        `The login shell of ${this.#transport.where} cannot run multi-line commands, like csh.`,
        { hint: `Change the user's shell: chsh -s /bin/sh ${this.user}`, output: result.stderr },
      );
    }
    return result;
  }

  /** The same in /bin/sh, whatever the user's shell is and prints at startup. */
  async sh(program: string, options: ExecOptions = {}): Promise<ExecResult> {
    // A reader of raw bytes gets all of them.
    if (options.onBytes !== undefined) return this.exec(underSh(program), options);
    const beginning = new Beginning(options.onStdout);
    const result = await this.exec(underSh(withBeginning(program)), {
      ...options,
      onStdout: (chunk) => beginning.add(chunk),
    });
    return { ...result, stdout: Beginning.of(result.stdout) };
  }

  /**
   * Starts a command whose input and output are a duplex stream, with a separate error output.
   *
   * @throws BuildoutError `connection-lost`, `channel-refused`
   */
  open(command: string): Promise<Duplex & { stderr: Readable }> {
    return new Promise((resolve, reject) => {
      this.#transport.openCommand(command, {}, resolve).catch(reject);
    });
  }

  /** Calls `listener` if a request has to wait for a session: end an idle one. */
  onWait(listener: () => void): void {
    this.#transport.sessions.onWait.push(listener);
  }

  /** Calls `listener` if the host refuses a second session. */
  onCrowded(listener: () => void): void {
    const { sessions } = this.#transport;
    this.onWait(() => {
      if (sessions.crowded) listener();
    });
  }

  /**
   * Runs a shell command as another user, root by default. If sudo needs a password, it gets
   * `options.password`, or else the target's or the login's.
   *
   * @throws BuildoutError `sudo-password-missing`, `sudo-password-wrong`, `sudo-refused`, and the errors of `exec`
   */
  async sudo(command: string, options: SudoOptions = {}): Promise<ExecResult> {
    if (this.user === (options.user ?? "root") && options.group === undefined) {
      const { user, password, line, ...execOptions } = options;
      return this.sh(command, execOptions);
    }
    const password = options.password ?? this.#target.password ?? this.password;
    const known = { ...options, ...(password === undefined ? {} : { password }) };
    // The caller's own line cannot read our first line.
    if (options.onBytes !== undefined || options.line !== undefined) {
      return sudo(this.#transport, command, known);
    }
    const beginning = new Beginning(options.onStdout);
    const result = await sudo(this.#transport, withBeginning(command), {
      ...known,
      onStdout: (chunk) => beginning.add(chunk),
    });
    return { ...result, stdout: Beginning.of(result.stdout) };
  }

  /**
   * Uploads a local file (a path) or bytes; the target is always either the old or the new file.
   *
   * @throws BuildoutError `local-file-unreadable`, `remote-file-missing` (no such folder),
   *   `remote-not-writable`, `remote-disk-full`, `connection-lost`, `interrupted`
   */
  put(source: string | Uint8Array, remotePath: string, options?: PutOptions): Promise<void> {
    return upload(this.#sftp, source, remotePath, options);
  }

  /** Uploads a directory; other files on the host stay. Needs tar on the host. Returns the entries without content. */
  putDirectory(
    folder: string,
    remotePath: string,
    signal?: AbortSignal,
    onSent?: (bytes: number) => void,
  ): Promise<LeftOut[]> {
    return uploadDirectory(this.#transport, folder, remotePath, signal, onSent);
  }

  /** @throws BuildoutError `remote-file-missing`, `remote-not-readable`, `local-not-writable` */
  get(
    remotePath: string,
    localPath: string,
    options: Pick<GetOptions, "creationMode" | "signal"> = {},
  ): Promise<void> {
    return download(this.#sftp, remotePath, localPath, options);
  }

  /** Downloads a directory with its files, directories and links. Returns the entries without content. */
  getDirectory(remotePath: string, localPath: string, signal?: AbortSignal): Promise<LeftOut[]> {
    return downloadDirectory(this.#sftp, remotePath, localPath, signal);
  }

  /** @throws BuildoutError `remote-file-missing`, `remote-not-readable` */
  readFile(remotePath: string): Promise<Buffer> {
    return readRemote(this.#sftp, remotePath);
  }

  /** Follows links. */
  async exists(remotePath: string): Promise<boolean> {
    return (await this.stat(remotePath)) !== undefined;
  }

  /** undefined for what does not exist; follows links. */
  stat(remotePath: string): Promise<Stats | undefined> {
    return this.#sftp.stat(remotePath);
  }

  /** Creates a directory and its parents; an existing one is fine. */
  mkdir(remotePath: string, mode?: number): Promise<void> {
    return this.#sftp.mkdir(remotePath, mode);
  }

  /** Removes a file or a link; what does not exist is fine. */
  async remove(remotePath: string): Promise<void> {
    try {
      await this.#sftp.unlink(remotePath);
    } catch (error) {
      if (!(error instanceof BuildoutError) || error.code !== "remote-file-missing") throw error;
    }
  }

  /** Replaces an existing target. */
  rename(from: string, to: string): Promise<void> {
    return this.#sftp.rename(from, to);
  }

  /** A TCP connection that the host opens to `host`:`port`. */
  forwardOut(host: string, port: number): Promise<Duplex> {
    return this.#transport.forwardOut(host, port);
  }

  /**
   * Lets the host listen, by default on a free port of its loopback, as long as the connection lasts:
   * connections arrive here as streams. Returns the port.
   *
   * @throws BuildoutError `forward-refused`, `connection-lost`
   */
  forwardIn(
    onConnection: (stream: Duplex) => void,
    at?: { host?: string; port?: number },
  ): Promise<number> {
    return this.#transport.forwardIn(onConnection, at);
  }

  endForwardIn(port: number, host?: string): Promise<void> {
    return this.#transport.endForwardIn(port, host);
  }

  /**
   * One request of the SFTP protocol without a method above.
   *
   * @throws BuildoutError `remote-file-missing`, `remote-not-writable`, `remote-not-readable`,
   *   `remote-failure`, `connection-lost`
   */
  sftp<T>(purpose: "read" | "write", path: string, start: Parameters<Sftp["call"]>[2]): Promise<T> {
    return this.#sftp.call(purpose, path, start) as Promise<T>;
  }

  /** Ends the connection, and those it goes through. */
  async close(): Promise<void> {
    await this.#transport.close();
    await this.#jump?.close();
  }
}
