import type { FileEntryWithStats, SFTPWrapper, Stats } from "ssh2";
import { BuildoutError, messageOf } from "../../errors/error.ts";
import type { Transport } from "../transport.ts";
import { readDirectly } from "./direct-replies.ts";

/** SSH_FXP_STATUS codes (draft-ietf-secsh-filexfer-02, section 7). */
export const STATUS = {
  EOF: 1,
  NO_SUCH_FILE: 2,
  PERMISSION_DENIED: 3,
  FAILURE: 4,
  BAD_MESSAGE: 5,
  UNSUPPORTED: 8,
};

/** Maximum bytes of a file name on common file systems. */
const LONGEST_NAME = 255;

/** The purpose of an operation, which determines the error for a refusal. */
export type Purpose = "read" | "write";

type Callback<T> = (error?: Error | null | undefined, value?: T) => void;

/**
 * The SFTP channel of a connection: opened on first use, and reopened if it fails alone. It uses one of the
 * host's sessions, so it is closed when it is idle and another session is waiting, as on a host with
 * 'MaxSessions 1'.
 */
export class Sftp {
  readonly transport: Transport;
  /** Directories already searched for unfinished uploads. */
  readonly swept = new Set<string>();
  #channel: Promise<SFTPWrapper> | undefined;
  #open: SFTPWrapper | undefined;
  /** The current work on the channel. */
  #users = 0;
  readonly #rejecters = new Set<(error: BuildoutError) => void>();

  constructor(transport: Transport) {
    this.transport = transport;
    transport.sessions.onWait.push(() => this.#giveWay());
  }

  /** Keeps the channel open during `work`: closing it would close open files. */
  async during<T>(work: () => Promise<T>): Promise<T> {
    this.#users++;
    try {
      return await work();
    } finally {
      this.#users--;
      this.#giveWay();
    }
  }

  #giveWay() {
    const channel = this.#open;
    if (channel === undefined || this.#users > 0 || !this.transport.sessions.wanted) return;
    this.#forget();
    if (this.transport.lost === undefined) channel.end();
  }

  #forget() {
    this.#channel = undefined;
    this.#open = undefined;
  }

  /** Only call this inside `during`. */
  channel(): Promise<SFTPWrapper> {
    this.#channel ??= this.#opened();
    return this.#channel;
  }

  async #opened(): Promise<SFTPWrapper> {
    try {
      const sftp = await this.transport.openSftp();
      this.#open = sftp;
      readDirectly(sftp);
      const broken = () => {
        if (this.#open !== sftp) return;
        this.#forget();
        for (const reject of [...this.#rejecters]) reject(this.#closed());
      };
      sftp.on("close", broken).on("end", broken).on("error", broken);
      return sftp;
    } catch (error) {
      this.#channel = undefined;
      throw error;
    }
  }

  /**
   * One request; counts as one round trip unless it is part of a batch.
   *
   * @throws BuildoutError see `statusError`, or `connection-lost`
   */
  call<T>(
    purpose: Purpose,
    path: string,
    start: (sftp: SFTPWrapper, done: Callback<T>) => void,
    inBatch = false,
  ): Promise<T> {
    return this.during(async () => {
      const sftp = await this.channel();
      if (!inBatch) this.transport.roundTrips++;
      try {
        return await this.guarded(this.transport.request<T>((done) => start(sftp, done)));
      } catch (error) {
        throw this.explain(error, purpose, path);
      }
    });
  }

  /** Rejects when the channel breaks: ssh2 silently drops requests on a broken channel. */
  async guarded<T>(work: Promise<T>): Promise<T> {
    let reject!: (error: BuildoutError) => void;
    const broken = new Promise<never>((_, fail) => {
      reject = fail;
    });
    this.#rejecters.add(reject);
    try {
      return await Promise.race([work, broken]);
    } finally {
      this.#rejecters.delete(reject);
    }
  }

  /** Translates errors of ssh2 to the user's terms. */
  explain(error: unknown, purpose: Purpose, path: string): unknown {
    if (error instanceof BuildoutError) return error;
    // ssh2's error for requests in flight when their channel ends.
    if (messageOf(error).includes("No response from server")) return this.#closed();
    return this.transport.lost ?? statusError(error, purpose, path, this.transport.where);
  }

  #closed(): BuildoutError {
    const message = `${this.transport.where} closed the SFTP channel`;
    return this.transport.lost ?? new BuildoutError("connection-lost", message);
  }

  /** undefined for a path that does not exist; links are followed. */
  async stat(path: string): Promise<Stats | undefined> {
    return this.#unlessMissing(
      this.call<Stats>("read", path, (sftp, done) => sftp.stat(path, done)),
    );
  }

  /** As `stat`, of a link itself. */
  async lstat(path: string): Promise<Stats | undefined> {
    return this.#unlessMissing(
      this.call<Stats>("read", path, (sftp, done) => sftp.lstat(path, done)),
    );
  }

  /** The entries of a directory, unsorted. */
  list(path: string, inBatch = false): Promise<FileEntryWithStats[]> {
    return this.call("read", path, (sftp, done) => sftp.readdir(path, done), inBatch);
  }

  async #unlessMissing<T>(work: Promise<T>): Promise<T | undefined> {
    try {
      return await work;
    } catch (error) {
      if (error instanceof BuildoutError && error.code === "remote-file-missing") return undefined;
      throw error;
    }
  }

  /** Creates a directory and its parents; an existing one is fine. */
  async mkdir(path: string, mode?: number): Promise<void> {
    const make = () =>
      this.call<void>("write", path, (sftp, done) =>
        mode === undefined ? sftp.mkdir(path, done) : sftp.mkdir(path, { mode }, done),
      );
    try {
      return await make();
    } catch (error) {
      if (!(error instanceof BuildoutError)) throw error;
      if (error.code === "remote-file-missing") {
        const parent = path.replace(/\/+[^/]+\/*$/, "");
        if (parent === path || parent === "") throw error;
        await this.mkdir(parent, mode);
        return make();
      }
      // SFTP 3 has no status for "exists": servers answer with failure or permission denied.
      if (error.code !== "connection-lost" && (await this.stat(path))?.isDirectory()) return;
      throw error;
    }
  }

  /** Replaces an existing target (posix-rename@openssh.com where the server has it). */
  async rename(from: string, to: string): Promise<void> {
    const posix = await this.extension("write", to, (sftp, done) =>
      sftp.ext_openssh_rename(from, to, done),
    );
    if (posix) return;
    const plain = () => this.call<void>("write", to, (sftp, done) => sftp.rename(from, to, done));
    try {
      await plain();
    } catch (error) {
      if (!(error instanceof BuildoutError) || error.code === "connection-lost") throw error;
      // Plain SFTP 3 cannot replace: the target is missing for one round trip.
      await this.unlink(to);
      await plain();
    }
  }

  unlink(path: string): Promise<void> {
    return this.call<void>("write", path, (sftp, done) => sftp.unlink(path, done));
  }

  /** false if the server lacks the extension for `start`. */
  async extension(
    purpose: Purpose,
    path: string,
    start: (sftp: SFTPWrapper, done: Callback<void>) => void,
    inBatch = false,
  ): Promise<boolean> {
    let missing = false;
    const attempt = (sftp: SFTPWrapper, done: Callback<void>) => {
      try {
        start(sftp, done);
      } catch {
        // ssh2 throws for an extension that the server did not announce.
        missing = true;
        done();
      }
    };
    await this.call<void>(purpose, path, attempt, inBatch);
    return !missing;
  }
}

/**
 * The error for a failed SFTP request: `remote-file-missing`, `remote-not-writable`,
 * `remote-not-readable` or `remote-failure`.
 */
function statusError(error: unknown, purpose: Purpose, path: string, where: string): BuildoutError {
  const { code } = error as { code?: unknown };
  const details = { cause: error };
  if (code === STATUS.NO_SUCH_FILE || code === "ENOENT") {
    const message = `No such file or directory on ${where}: ${path}`;
    return new BuildoutError("remote-file-missing", message, details);
  }
  if (code === STATUS.PERMISSION_DENIED || code === "EACCES") {
    return purpose === "write"
      ? new BuildoutError("remote-not-writable", `Not allowed to write on ${where}: ${path}`, {
          ...details,
          hint: "Check the owner and mode of the directory, and the login user.",
        })
      : new BuildoutError(
          "remote-not-readable",
          `Not allowed to read on ${where}: ${path}`,
          details,
        );
  }
  if (code === STATUS.FAILURE || code === STATUS.BAD_MESSAGE) {
    const name = path.split("/").find((part) => Buffer.byteLength(part) > LONGEST_NAME);
    if (name !== undefined) return nameTooLong(name, where, details);
  }
  const message = `${where} could not ${purpose} ${path}: ${messageOf(error)}`;
  return new BuildoutError("remote-failure", message, details);
}

/** SFTP 3 has no status for it. */
function nameTooLong(name: string, where: string, details: { cause: unknown }): BuildoutError {
  const message = `A name for ${where} is too long, ${Buffer.byteLength(name)} bytes: ${name}`;
  return new BuildoutError("remote-failure", message, {
    ...details,
    hint: `Choose a name of ${LONGEST_NAME} bytes or less.`,
  });
}
