import { setTimeout as sleep } from "node:timers/promises";
import type {
  Client,
  ClientChannel,
  ClientErrorExtensions,
  PseudoTtyOptions,
  SFTPWrapper,
} from "ssh2";
import { BuildoutError, messageOf } from "../errors/error.ts";
import { Slots } from "./slots.ts";
import type { ResolvedTarget } from "./target.ts";

/** OpenSSH allows 10 sessions on a connection (MaxSessions), commands and SFTP; one is spare. */
const MAX_SESSIONS = 9;
/** Seconds. */
const OPEN_TIMEOUT = 30;
/** Milliseconds between attempts to get a session that the server still counts as taken. */
const SHORTEST_PAUSE = 50;
const LONGEST_PAUSE = 1600;
const CLOSE_TIMEOUT = 2;
const SESSIONS_HINT =
  "The host grants no session for commands or files: allow one at least (MaxSessions in its sshd_config).";
const LOOPBACK = "127.0.0.1";

export type SshError = Error & ClientErrorExtensions & { code?: unknown; reason?: unknown };

/** One authenticated SSH connection: opens channels, knows when it is lost, closes in bounded time. */
export class Transport {
  /** `user@host:port`, for messages. */
  readonly where: string;
  readonly client: Client;
  /** Milliseconds from here to the host and back, as it was when connecting. */
  readonly latency: number;
  /** Requests that waited for an answer of the host so far, where a pipelined batch counts as one. */
  roundTrips = 0;
  /** Port of the host -> who takes what connects there. */
  readonly #listeners = new Map<number, (stream: ClientChannel) => void>();
  readonly #sessions = new Slots(MAX_SESSIONS, () => this.onSessionWanted?.());
  /** Called when somebody waits for a session: one that is idle should be closed. */
  onSessionWanted?: () => void;
  /** Sessions open now. */
  #open = 0;
  /** Whether the server has ever granted a session, and ever refused one. */
  #granted = false;
  #refused = false;
  readonly #rejecters = new Set<(error: BuildoutError) => void>();
  readonly #closed: Promise<void>;
  readonly #alive: ResolvedTarget["alive"];
  readonly #environment: ResolvedTarget["environment"];
  #reason: SshError | undefined;
  #lost: BuildoutError | undefined;

  constructor(
    client: Client,
    where: string,
    latency: number,
    { alive, environment }: Pick<ResolvedTarget, "alive" | "environment">,
  ) {
    this.client = client;
    this.#alive = alive;
    this.#environment = environment;
    this.where = where;
    this.latency = latency;
    client.on("error", (error: SshError) => {
      // An agent that fails to sign is reported here too, without harm to the connection.
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
      hint: "What was being done may be incomplete; run the same command again.",
      ...(this.#reason === undefined ? {} : { cause: this.#reason }),
    });
    for (const reject of [...this.#rejecters]) reject(this.#lost);
  }

  /**
   * One request to the host: rejects as soon as the connection is lost, or after `seconds`.
   * `start` gets a node-style callback; what it throws is a rejection.
   *
   * @throws BuildoutError `connection-lost`; otherwise what ssh2 reports
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
        // ssh2's word for a socket that is closed; its reason, if any, arrives right behind.
        setImmediate(() => {
          this.#lose();
          fail(this.#lost);
        });
      }
    });
  }

  /** Whether somebody waits for a session. */
  get sessionWanted(): boolean {
    return this.#sessions.wanted;
  }

  /**
   * Starts a command; its channel keeps one of the few sessions until it is closed. `attach` is
   * called at once with the channel: the end of a short command may come in the packet that opens it.
   */
  async openCommand(
    command: string,
    pty: boolean | PseudoTtyOptions,
    attach: (channel: ClientChannel) => void,
  ): Promise<void> {
    try {
      await this.#openSession<ClientChannel>(
        (done) => this.client.exec(command, { pty, env: this.#environment }, done),
        { what: "open a channel", attach },
      );
    } catch (error) {
      if (error instanceof BuildoutError) throw error;
      throw new BuildoutError(
        "channel-refused",
        `${this.where} refused to run a command: ${messageOf(error)}`,
        { ...(isOpenFailure(error) && { hint: SESSIONS_HINT }), cause: error },
      );
    }
  }

  /**
   * The channel keeps one of the few sessions until it is closed.
   *
   * @throws BuildoutError `sftp-unavailable`, `connection-lost`
   */
  async openSftp(): Promise<SFTPWrapper> {
    try {
      return await this.#openSession<SFTPWrapper>((done) => this.client.sftp(done), {
        what: "open an SFTP channel",
      });
    } catch (error) {
      if (error instanceof BuildoutError) throw error;
      throw new BuildoutError(
        "sftp-unavailable",
        `${this.where} offers no SFTP: ${messageOf(error)}`,
        {
          hint: isOpenFailure(error)
            ? SESSIONS_HINT
            : "Enable it in the host's sshd_config: Subsystem sftp internal-sftp",
          cause: error,
        },
      );
    }
  }

  /** Waits for one of the sessions that the server grants, and opens it. */
  async #openSession<Channel extends ClientChannel | SFTPWrapper>(
    start: (done: (error: Error | undefined, channel: Channel) => void) => void,
    { what, attach }: { what: string; attach?: (channel: Channel) => void },
  ): Promise<Channel> {
    let release = await this.#sessions.acquire();
    for (let pause = SHORTEST_PAUSE; ; ) {
      let abandoned = false;
      try {
        this.roundTrips++;
        return await this.request<Channel>(
          (done) =>
            start((error, channel) => {
              if (error) return done(error);
              // A channel that opens after its time-out belongs to nobody.
              if (abandoned) return channel.end();
              this.#granted = true;
              this.#open++;
              channel.once("close", () => {
                this.#open--;
                release();
              });
              attach?.(channel);
              done(undefined, channel);
            }),
          { seconds: OPEN_TIMEOUT, what },
        );
      } catch (error) {
        abandoned = true;
        const next = isOpenFailure(error) ? this.#afterRefusal(pause <= LONGEST_PAUSE) : "fail";
        if (next === "pause") {
          await sleep(pause);
          pause *= 2;
          continue;
        }
        release();
        if (next === "fail") throw error;
        release = await this.#sessions.acquire();
        pause = SHORTEST_PAUSE;
      }
    }
  }

  /** A server that allows fewer sessions than usual: go on with as many as it does allow. */
  #afterRefusal(isPatient: boolean): "queue" | "pause" | "fail" {
    if (!this.#refused) this.#sessions.shrink(this.#open);
    this.#refused = true;
    if (this.#sessions.crowded) return "queue";
    // There should be room: the server counts a session that has ended for a moment longer.
    if (this.#granted && isPatient) return "pause";
    if (this.#open === 0) return "fail";
    this.#sessions.shrink(this.#open);
    return "queue";
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
   * Lets the host listen, by default on a free port of its own loopback, and brings what connects
   * there; returns the port. @throws BuildoutError `forward-refused`
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

  /** Ends what `forwardIn` began. */
  async endForwardIn(port: number, host = LOOPBACK): Promise<void> {
    this.#listeners.delete(port);
    this.roundTrips++;
    await this.request<void>((done) => this.client.unforwardIn(host, port, done), {
      seconds: OPEN_TIMEOUT,
      what: "end listening",
    });
  }

  /** Ends the connection; resolves within two seconds even if the host is silent. */
  async close(): Promise<void> {
    this.#lose("is closed");
    this.client.end();
    let timer: NodeJS.Timeout | undefined;
    const patience = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, CLOSE_TIMEOUT * 1000);
    });
    await Promise.race([this.#closed, patience]);
    clearTimeout(timer);
    this.client.destroy();
  }
}

/** Says who ended a connection that was not closed on this side. */
function whoEndedIt(reason: SshError | undefined, alive: ResolvedTarget["alive"]): string {
  if (reason === undefined) return "the host closed it";
  switch (reason.level) {
    case "client-timeout":
      return `the host answered no keep-alive for ${alive.seconds * alive.count} s`;
    case "client-socket":
      return reason.code === "ECONNRESET"
        ? "reset by the host or the network (ECONNRESET)"
        : reason.message;
    default:
      // The host says why in a message of its own (RFC 4253, 11.1).
      return typeof reason.code === "number"
        ? `the host ended it: ${reason.message}`
        : reason.message;
  }
}

function isOpenFailure(error: unknown): boolean {
  return error instanceof Error && "reason" in error;
}
