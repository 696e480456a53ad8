import { EventEmitter } from "node:events";
import type { ClientChannel } from "ssh2";
import { describe, expect, test } from "vitest";
import { Sessions } from "../../src/ssh/sessions.ts";

const REFUSED = Object.assign(new Error("open failed"), { reason: 1 });

/** Grants `most` parallel sessions; an ended one still counts for `lag` milliseconds. */
class Server {
  counted = 0;
  /** The open sessions, their highest number, and the number of refusals. */
  open = 0;
  peak = 0;
  refusals = 0;
  most: number;
  readonly lag: number;

  constructor(most: number, lag = 0) {
    this.most = most;
    this.lag = lag;
  }

  /** A session that ends with `until`; resolves when it has ended. */
  async session(
    sessions: Sessions,
    until: Promise<unknown>,
    how: { signal?: AbortSignal; onlyIfFree?: boolean } = {},
  ): Promise<void> {
    const channel = await sessions.open<ClientChannel>({
      attempt: (opened) =>
        new Promise((resolve, reject) => {
          const done = opened((error, channel) => (error ? reject(error) : resolve(channel!)));
          setImmediate(() => {
            if (this.counted < this.most) return done(undefined, this.#channel());
            this.refusals++;
            done(REFUSED, undefined as never);
          });
        }),
      drop: (dropped) => dropped.close(),
      ...how,
    });
    await until;
    channel.close();
  }

  #channel(): ClientChannel {
    this.counted++;
    this.peak = Math.max(this.peak, ++this.open);
    const channel = new EventEmitter();
    const close = () => {
      this.open--;
      setTimeout(() => this.counted--, this.lag);
      channel.emit("close");
    };
    return Object.assign(channel, { close }) as unknown as ClientChannel;
  }
}

const moment = () => new Promise((resolve) => setTimeout(resolve, 1));
function many(count: number, server: Server, sessions: Sessions) {
  return Promise.all(Array.from({ length: count }, () => server.session(sessions, moment())));
}

describe("the sessions of a connection", () => {
  test.each([2, 3, 9])(
    "go on beside an endless one where %i are granted and ended ones are counted for long",
    async (most) => {
      const server = new Server(most, 100);
      const sessions = new Sessions();
      let end!: () => void;
      const endless = server.session(sessions, new Promise<void>((resolve) => (end = resolve)));
      await many(12, server, sessions);
      expect(server.peak).toBeLessThanOrEqual(most);
      end();
      await endless;
      await many(3, server, sessions);
    },
  );

  test("are as many again as the server grants, after it granted fewer for a while", async () => {
    const server = new Server(1, 20);
    const sessions = new Sessions();
    let end!: () => void;
    const ended = new Promise<void>((resolve) => (end = resolve));
    const all = Array.from({ length: 5 }, () => server.session(sessions, ended));
    await expect.poll(() => server.refusals).toBeGreaterThan(4);
    expect(server.open).toBe(1);
    server.most = 9;
    await expect.poll(() => server.open).toBe(5);
    end();
    await Promise.all(all);
  });

  test("refuse one that must not wait, asking the server at most once", async () => {
    const server = new Server(2);
    const sessions = new Sessions();
    let end!: () => void;
    const ended = new Promise<void>((resolve) => (end = resolve));
    const two = [1, 2].map(() => server.session(sessions, ended));
    await expect.poll(() => server.open).toBe(2);
    const optional = () => server.session(sessions, ended, { onlyIfFree: true });
    await expect(optional()).rejects.toThrow("open failed");
    expect(server.refusals).toBe(1);
    // One that waits has found out how many there are.
    const third = server.session(sessions, ended);
    await expect.poll(() => server.refusals).toBeGreaterThan(1);
    await expect(optional()).rejects.toThrow("no session is free");
    end();
    await Promise.all([...two, third]);
  });

  test("are asked for less and less often while the server refuses more", async () => {
    const server = new Server(1);
    const sessions = new Sessions();
    let end!: () => void;
    const first = server.session(sessions, new Promise<void>((resolve) => (end = resolve)));
    const others = many(2, server, sessions);
    await expect.poll(() => server.refusals).toBe(4);
    const before = Date.now();
    await expect.poll(() => server.refusals, { interval: 5 }).toBe(5);
    expect(Date.now() - before).toBeGreaterThan(100);
    end();
    await Promise.all([first, others]);
  });

  test("are refused to all who wait if nobody can get one", async () => {
    const server = new Server(0);
    const sessions = new Sessions();
    const all = [1, 2, 3].map(() => server.session(sessions, moment()));
    const outcomes = await Promise.allSettled(all);
    expect(outcomes).toEqual(all.map(() => ({ status: "rejected", reason: REFUSED })));
  });

  test("are no longer waited for after an interruption", async () => {
    const server = new Server(1);
    const sessions = new Sessions();
    let end!: () => void;
    const first = server.session(sessions, new Promise<void>((resolve) => (end = resolve)));
    const abort = new AbortController();
    const second = server.session(sessions, moment(), { signal: abort.signal });
    await expect.poll(() => server.refusals).toBe(1);
    abort.abort(new Error("enough"));
    await expect(second).rejects.toThrow("enough");
    expect(sessions.wanted).toBe(false);
    end();
    await first;
  });
});
