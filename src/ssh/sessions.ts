import { setTimeout as sleep } from "node:timers/promises";
import type { ClientChannel, SFTPWrapper } from "ssh2";
import { Slots } from "./slots.ts";

/** OpenSSH allows 10 sessions on a connection (MaxSessions), commands and SFTP; one is spare. */
const MAX_SESSIONS = 9;
/** Milliseconds between attempts to get a session that the server still counts as taken. */
const SHORTEST_PAUSE = 50;
const LONGEST_PAUSE = 1600;

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
}

/** The sessions of one connection: as many as the server grants are open, the others wait. */
export class Sessions {
  /** Called when somebody waits for a session: one that is idle should be closed. */
  onWait?: () => void;
  readonly #slots = new Slots(MAX_SESSIONS, () => this.onWait?.());
  /** Those that are open now. */
  #open = 0;
  /** Whether the server has ever granted one, and ever refused one. */
  #granted = false;
  #refused = false;

  /** Whether somebody waits for a session. */
  get wanted(): boolean {
    return this.#slots.wanted;
  }

  /** Opens a session as soon as the server has one left; it counts until its channel is closed. */
  async open<Channel extends ClientChannel | SFTPWrapper>({
    attempt,
    attach,
    drop,
  }: Opening<Channel>): Promise<Channel> {
    let release = await this.#slots.acquire();
    for (let pause = SHORTEST_PAUSE; ; ) {
      let abandoned = false;
      try {
        return await attempt((done) => (error, channel) => {
          if (error) return done(error);
          if (abandoned) return drop(channel);
          this.#granted = true;
          this.#open++;
          channel.once("close", () => {
            this.#open--;
            release();
          });
          attach?.(channel);
          done(undefined, channel);
        });
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
        release = await this.#slots.acquire();
        pause = SHORTEST_PAUSE;
      }
    }
  }

  /** A server that allows fewer sessions than usual: go on with as many as it does allow. */
  #afterRefusal(isPatient: boolean): "queue" | "pause" | "fail" {
    if (!this.#refused) this.#slots.shrink(this.#open);
    this.#refused = true;
    if (this.#slots.crowded) return "queue";
    // There should be room: the server counts a session that has ended for a moment longer.
    if (this.#granted && isPatient) return "pause";
    if (this.#open === 0) return "fail";
    this.#slots.shrink(this.#open);
    return "queue";
  }
}

export function isOpenFailure(error: unknown): boolean {
  return error instanceof Error && "reason" in error;
}
