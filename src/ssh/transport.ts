import type { Duplex } from "node:stream";
import type {
  Client,
  ClientChannel,
  ClientErrorExtensions,
  PseudoTtyOptions,
  SFTPWrapper,
} from "ssh2";
import { BuildoutError, messageOf } from "../errors/error.ts";
import { isOpenFailure, Sessions } from "./sessions.ts";
import type { ResolvedTarget } from "./target.ts";

/** Seconds. */
const OPEN_TIMEOUT = 30;
/** Milliseconds. A near host has ended what ran for the connection by then, a far one before the next login. */
const CLOSE_TIMEOUT = 25;
const SESSIONS_HINT =
  "The host allows no sessions for commands or files: allow at least one (MaxSessions in its sshd_config).";
const TERMINAL_HINT =
  "The host allows no terminals (PermitTTY in its sshd_config). Run commands without one; in fabfiles: pty=False, or env.always_use_pty = False.";
const LOOPBACK = "127.0.0.1";

export type SshError = Error & ClientErrorExtensions & { code?: unknown; reason?: unknown };

/** Hints for a command that was not started. */
function hintFor(error: unknown): { hint?: string } {
  if (isOpenFailure(error)) return { hint: SESSIONS_HINT };
  // ssh2's message.
  return messageOf(error).includes("pseudo-terminal") ? { hint: TERMINAL_HINT } : {};
}

/** One authenticated SSH connection: opens channels, knows when it is lost, closes in bounded time. */
export class Transport {
  /** `user@host:port`, for messages. */
  readonly where: string;
  readonly client: Client;
  readonly #sock: Duplex;
  /** Round-trip time in milliseconds, measured when connecting. */
  readonly latency: number;
  /** Requests that waited for an answer of the host so far, where a pipelined batch counts as one. */
  roundTrips = 0;
  /** Port of the host -> handler of connections. */
  readonly #listeners = new Map<number, (stream: ClientChannel) => void>();
  /** Commands and SFTP. */
  readonly sessions = new Sessions();
  readonly #rejecters = new Set<(error: BuildoutError) => void>();
  readonly #closed: Promise<void>;
  readonly #alive: ResolvedTarget["alive"];
  readonly #environment: ResolvedTarget["environment"];
  #reason: SshError | undefined;
  #lost: BuildoutError | undefined;

  constructor(
    client: Client,
    sock: Duplex,
    where: string,
    latency: number,
    { alive, environment }: Pick<ResolvedTarget, "alive" | "environment">,
  ) {
    this.client = client;
    this.#sock = sock;
    this.#alive = alive;
    this.#environment = environment;
    this.where = where;
    this.latency = latency;
    client.on("error", (error: SshError) => {
      // A failed signature of an agent is reported here, too, without harm to the connection.
      if (error.level !== "agent") this.#reason ??= error;
    });
    this.#closed = new Promise((resolve) => {
      const gone = () => {
        this.#lose();
        resolve();
      };
      client.once("end", gone).once("close", gone);
    });
  }

  /** Set once the connection is gone. */
  get lost(): BuildoutError | undefined {
    return this.#lost;
  }

  #lose(how = `was lost: ${whoEndedIt(this.#reason, this.#alive)}`) {
    if (this.#lost !== undefined) return;
    this.#lost = new BuildoutError("connection-lost", `The connection to ${this.where} ${how}`, {
      hint: "The interrupted work may be incomplete; run the same command again.",
      ...(this.#reason === undefined ? {} : { cause: this.#reason }),
    });
    for (const reject of [...this.#rejecters]) reject(this.#lost);
  }

  /**
   * One request to the host: rejects as soon as the connection is lost, or after `seconds`. `start`
   * receives a node-style callback; if it throws, the promise rejects.
   *
   * @throws BuildoutError `connection-lost`; otherwise errors of ssh2
   */
  request<T>(
    start: (done: (error?: Error | null | undefined, value?: T) => void) => void,
    limit?: { seconds: number; what: string },
  ): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      if (this.#lost !== undefined) return reject(this.#lost);
      let timer: NodeJS.Timeout | undefined;
      const settle = () => {
        clearTimeout(timer);
        this.#rejecters.delete(fail);
      };
      const fail = (error: unknown) => {
        settle();
        reject(error);
      };
      this.#rejecters.add(fail);
      if (limit !== undefined) {
        const message = `${this.where} did not ${limit.what} within ${limit.seconds} s`;
        const expire = () => fail(new BuildoutError("connection-lost", message));
        timer = setTimeout(expire, limit.seconds * 1000);
      }
      try {
        start((error, value) => {
          if (error) return fail(this.#lost ?? error);
          settle();
          resolve(value as T);
        });
      } catch (error) {
        if (messageOf(error) !== "Not connected") return fail(error);
        // ssh2's message for a closed socket; the reason, if any, follows.
        setImmediate(() => {
          this.#lose();
          fail(this.#lost);
        });
      }
    });
  }

  /**
   * Starts a command; its channel occupies one of the few sessions until it is closed. `attach` is called
   * at once with the channel: a short command may end in the packet that opens it.
   */
  async openCommand(
    command: string,
    {
      pty = false,
      ...how
    }: {
      pty?: boolean | PseudoTtyOptions;
      signal?: AbortSignal | undefined;
      onlyIfFree?: boolean | undefined;
    },
    attach: (channel: ClientChannel) => void,
  ): Promise<void> {
    try {
      await this.sessions.open<ClientChannel>({
        attempt: (opened) =>
          this.#request("open a channel", (done) =>
            this.client.exec(command, { pty, env: this.#environment }, opened(done)),
          ),
        attach,
        drop: (channel) => channel.close(),
        ...how,
      });
    } catch (error) {
      if (how.signal?.aborted) throw this.interrupted();
      if (error instanceof BuildoutError) throw error;
      throw new BuildoutError(
        "channel-refused",
        `${this.where} refused to run a command: ${messageOf(error)}`,
        { ...hintFor(error), cause: error },
      );
    }
  }

  interrupted(): BuildoutError {
    return new BuildoutError("interrupted", `Interrupted a command on ${this.where}`);
  }

  /**
   * The channel occupies one of the few sessions until it is closed.
   *
   * @throws BuildoutError `sftp-unavailable`, `connection-lost`
   */
  async openSftp(): Promise<SFTPWrapper> {
    try {
      return await this.sessions.open<SFTPWrapper>({
        attempt: (opened) =>
          this.#request("open an SFTP channel", (done) => this.client.sftp(opened(done))),
        drop: (sftp) => sftp.end(),
      });
    } catch (error) {
      if (error instanceof BuildoutError) throw error;
      throw new BuildoutError(
        "sftp-unavailable",
        `${this.where} does not offer SFTP: ${messageOf(error)}`,
        {
          hint: isOpenFailure(error)
            ? SESSIONS_HINT
            : "Enable it in the host's sshd_config: Subsystem sftp internal-sftp",
          cause: error,
        },
      );
    }
  }

  #request<T>(
    what: string,
    start: (done: (error?: Error | null, value?: T) => void) => void,
  ): Promise<T> {
    this.roundTrips++;
    return this.request(start, { seconds: OPEN_TIMEOUT, what });
  }

  /** A TCP connection that the host opens to `host`:`port`. */
  async forwardOut(host: string, port: number) {
    this.roundTrips++;
    return this.request<ClientChannel>(
      (done) => this.client.forwardOut("127.0.0.1", 0, host, port, done),
      { seconds: OPEN_TIMEOUT, what: `connect to ${host} port ${port}` },
    );
  }

  /**
   * Lets the host listen, by default on a free port of its own loopback, and forwards connections here;
   * returns the port. @throws BuildoutError `forward-refused`
   */
  async forwardIn(
    onConnection: (stream: ClientChannel) => void,
    { host = LOOPBACK, port = 0 }: { host?: string; port?: number } = {},
  ): Promise<number> {
    this.roundTrips++;
    if (this.#listeners.size === 0) {
      this.client.on("tcp connection", ({ destPort }, accept, reject) => {
        const listener = this.#listeners.get(destPort);
        if (listener === undefined) reject();
        else listener(accept());
      });
    }
    try {
      const listening = await this.request<number>(
        (done) => this.client.forwardIn(host, port, done),
        { seconds: OPEN_TIMEOUT, what: "listen for the tunnel" },
      );
      this.#listeners.set(listening || port, onConnection);
      return listening || port;
    } catch (error) {
      if (error instanceof BuildoutError) throw error;
      throw new BuildoutError(
        "forward-refused",
        `${this.where} refused to listen for the tunnel: ${messageOf(error)}`,
        { hint: "Set 'AllowTcpForwarding yes' in the host's sshd_config.", cause: error },
      );
    }
  }

  /** Ends a forwarding of `forwardIn`. */
  async endForwardIn(port: number, host = LOOPBACK): Promise<void> {
    this.#listeners.delete(port);
    this.roundTrips++;
    await this.request<void>((done) => this.client.unforwardIn(host, port, done), {
      seconds: OPEN_TIMEOUT,
      what: "end listening",
    });
  }

  /** Ends the connection; resolves soon even if the host is far away or silent. */
  async close(): Promise<void> {
    this.#lose("is closed");
    // The distance of a host behind a ProxyCommand is not known.
    const isFar = this.latency > CLOSE_TIMEOUT && Number.isFinite(this.latency);
    let timer: NodeJS.Timeout | undefined;
    const patience = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, CLOSE_TIMEOUT);
      if (isFar) this.#sock.once("finish", resolve);
    });
    this.client.end();
    await Promise.race([this.#closed, patience]);
    clearTimeout(timer);
    // The client's `destroy()` leaves a socket alone that it has ended.
    this.#sock.destroy();
  }
}

/** Says who ended a connection that was not closed on this side. */
function whoEndedIt(reason: SshError | undefined, alive: ResolvedTarget["alive"]): string {
  if (reason === undefined) return "the host closed it";
  switch (reason.level) {
    case "client-timeout":
      return `the host did not answer keep-alives for ${alive.seconds * alive.count} s`;
    case "client-socket":
      return reason.code === "ECONNRESET"
        ? "reset by the host or the network (ECONNRESET)"
        : reason.message;
    default:
      // The host sends the reason in a separate message (RFC 4253, 11.1).
      return typeof reason.code === "number"
        ? `the host ended it: ${reason.message}`
        : reason.message;
  }
}
