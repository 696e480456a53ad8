import type { ClientChannel, SFTPWrapper } from "ssh2";

/** OpenSSH allows 10 sessions on a connection (MaxSessions), commands and SFTP; one is spare. */
const MAX_SESSIONS = 9;
/** Milliseconds before a server that refused a session is asked again, doubled each time. */
const SHORTEST_PAUSE = 50;
const LONGEST_PAUSE = 25_600;
/** The longest pause for a server that refuses a session although none is open. */
const PATIENCE = 1600;

type Done<Channel> = (error: Error | undefined, channel: Channel) => void;

interface Opening<Channel> {
  /** One request for a session; call `opened` before the callback that settles it. */
  attempt(
    opened: (done: (error?: Error | null, channel?: Channel) => void) => Done<Channel>,
  ): Promise<Channel>;
  /** Called at once with the channel. */
  attach?(channel: Channel): void;
  /** Closes a channel that opens after its timeout. */
  drop(channel: Channel): void;
  /** Ends the wait for a session, with a reason; a pending attempt continues. */
  signal?: AbortSignal | undefined;
  /** Fails instead of waiting for a session. */
  onlyIfFree?: boolean | undefined;
}

/** A waiting request for a session; `request` sends it to the server. */
interface Turn {
  requested: boolean;
  request(): void;
}

/**
 * The sessions of one connection: as many as the server allows are open, others wait in a queue.
 *
 * The limit is unknown: a server counts an ended session for a moment longer, so a refusal need not mean
 * that the limit has changed. So the number of open sessions at a refusal is only a limit for a pause;
 * while requests are waiting, the server is asked again for one more, at growing intervals that restart
 * once a session has ended.
 */
export class Sessions {
  /** Called when a request is waiting for a session: close an idle one. */
  readonly onWait: (() => void)[] = [];
  readonly #turns: Turn[] = [];
  #limit = MAX_SESSIONS;
  /** The open sessions. */
  #open = 0;
  /** Whether the server has ever accepted one. */
  #granted = false;
  #pause = SHORTEST_PAUSE;
  #timer: NodeJS.Timeout | undefined;

  /** Whether the server has refused a second session, and a request is waiting. */
  get crowded(): boolean {
    return this.wanted && this.#open === 1 && this.#limit === 1;
  }

  /** Whether a request is waiting for a session. */
  get wanted(): boolean {
    return this.#turns.some(({ requested }) => !requested);
  }

  /** Opens a session as soon as the server allows it; it counts until its channel is closed. */
  open<Channel extends ClientChannel | SFTPWrapper>(opening: Opening<Channel>): Promise<Channel> {
    const { signal, onlyIfFree } = opening;
    return new Promise((resolve, reject) => {
      if (onlyIfFree && this.#taken >= this.#limit) return reject(new Error("no session is free"));
      const leave = () => {
        signal?.removeEventListener("abort", abort);
        this.#turns.splice(this.#turns.indexOf(turn), 1);
        if (this.#turns.length === 0) this.#pause = SHORTEST_PAUSE;
      };
      const turn: Turn = {
        requested: false,
        request: () =>
          this.#request(opening, leave).then(resolve, (error) => {
            turn.requested = false;
            if (signal?.aborted) abort();
            else if (onlyIfFree || !isOpenFailure(error) || this.#afterRefusal() === "fail")
              fail(error);
            this.#proceed();
          }),
      };
      const fail = (error: unknown) => {
        leave();
        reject(error);
      };
      const abort = () => {
        if (!turn.requested) fail(signal?.reason);
      };
      signal?.addEventListener("abort", abort, { once: true });
      this.#turns.push(turn);
      this.#proceed();
    });
  }

  async #request<Channel extends ClientChannel | SFTPWrapper>(
    { attempt, attach, drop }: Opening<Channel>,
    leave: () => void,
  ): Promise<Channel> {
    let abandoned = false;
    try {
      return await attempt((done) => (error, channel) => {
        if (error) return done(error);
        if (abandoned) return drop(channel);
        leave();
        this.#granted = true;
        this.#open++;
        channel.once("close", () => {
          this.#open--;
          this.#proceedSoon();
        });
        attach?.(channel);
        done(undefined, channel);
        this.#proceedSoon();
      });
    } catch (error) {
      abandoned = true;
      throw error;
    }
  }

  /** Open sessions and pending requests. */
  get #taken(): number {
    return this.#open + this.#turns.filter(({ requested }) => requested).length;
  }

  /** Sends the next requests in the queue, up to the limit. */
  #proceed() {
    for (const turn of this.#turns) {
      if (this.#taken >= this.#limit) break;
      if (turn.requested) continue;
      turn.requested = true;
      turn.request();
    }
    if (!this.wanted) return this.#endPause();
    for (const listener of this.onWait) listener();
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      this.#pause = Math.min(this.#pause * 2, LONGEST_PAUSE);
      this.#limit = Math.min(this.#limit + 1, MAX_SESSIONS);
      this.#proceed();
    }, this.#pause);
  }

  /** Restarts with a short pause. */
  #proceedSoon() {
    this.#endPause();
    this.#pause = SHORTEST_PAUSE;
    this.#proceed();
  }

  #endPause() {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #afterRefusal(): "wait" | "fail" {
    this.#limit = Math.min(this.#limit, this.#taken);
    if (this.#taken > 0) return "wait";
    if (this.#granted && this.#pause <= PATIENCE) return "wait";
    // The next request in the queue tries at once.
    this.#limit = 1;
    return "fail";
  }
}

export function isOpenFailure(error: unknown): boolean {
  return error instanceof Error && "reason" in error;
}
