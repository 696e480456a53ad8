import type { ClientChannel, SFTPWrapper } from "ssh2";

/** OpenSSH allows 10 sessions on a connection (MaxSessions), commands and SFTP; one is spare. */
const MAX_SESSIONS = 9;
/** Milliseconds after which a server that refused a session is asked for one more, doubled each time. */
const SHORTEST_PAUSE = 50;
const LONGEST_PAUSE = 25_600;
/** The longest pause for a server that refuses a session although none is open. */
const PATIENCE = 1600;

type Done<Channel> = (error: Error | undefined, channel: Channel) => void;

interface Opening<Channel> {
  /** One request for a session; `opened` is to be put before the callback that settles it. */
  attempt(
    opened: (done: (error?: Error | null, channel?: Channel) => void) => Done<Channel>,
  ): Promise<Channel>;
  /** Called at once with the channel. */
  attach?(channel: Channel): void;
  /** Ends a channel that opens after its time-out: it belongs to nobody. */
  drop(channel: Channel): void;
  /** Ends the wait for a session, with its reason; an attempt that is on its way goes on. */
  signal?: AbortSignal | undefined;
}

/** Somebody who wants a session; `request` asks the server for it. */
interface Turn {
  requested: boolean;
  request(): void;
}

/**
 * The sessions of one connection: as many as the server grants are open, the others wait in line.
 *
 * Nobody can say how many that are: a server counts a session that has ended for a moment longer,
 * so a refusal need not mean that there is no room for as many as before. Therefore what is open at
 * a refusal is a limit for a pause only; as long as somebody waits, the server is asked again for
 * one more, soon at first, then less and less often, and soon again once a session has ended.
 */
export class Sessions {
  /** Called when somebody waits for a session: one that is idle should be closed. */
  readonly onWait: (() => void)[] = [];
  readonly #turns: Turn[] = [];
  #limit = MAX_SESSIONS;
  /** Those that are open now. */
  #open = 0;
  /** Whether the server has ever granted one. */
  #granted = false;
  #pause = SHORTEST_PAUSE;
  #timer: NodeJS.Timeout | undefined;

  /** Whether the server has refused a second session, and somebody waits for one. */
  get crowded(): boolean {
    return this.wanted && this.#open === 1 && this.#limit === 1;
  }

  /** Whether somebody waits for a session. */
  get wanted(): boolean {
    return this.#turns.some(({ requested }) => !requested);
  }

  /** Opens a session as soon as the server has one left; it counts until its channel is closed. */
  open<Channel extends ClientChannel | SFTPWrapper>(opening: Opening<Channel>): Promise<Channel> {
    const { signal } = opening;
    return new Promise((resolve, reject) => {
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
            else if (!isOpenFailure(error) || this.#afterRefusal() === "fail") fail(error);
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

  /** Open ones and those that the server is being asked for. */
  get #taken(): number {
    return this.#open + this.#turns.filter(({ requested }) => requested).length;
  }

  /** Asks for the next ones in line, as far as the limit allows. */
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

  /** The pause begins anew with a short one. */
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
    // The next in line finds out for itself, at once.
    this.#limit = 1;
    return "fail";
  }
}

export function isOpenFailure(error: unknown): boolean {
  return error instanceof Error && "reason" in error;
}
