import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { aloneIn } from "../../src/system/directory-lock.ts";
import type { LockHolder } from "../../src/system/lock-request.ts";

let directory: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "lock-"));
});
afterEach(() => {
  rmSync(directory, { recursive: true, force: true });
});

const request = (events: string[] = [], wait?: number) => ({
  directory,
  wait,
  onWait: (holder: LockHolder | undefined) => void events.push(`waits for ${holder?.pid}`),
  givenUp: (holder: LockHolder | undefined) => new Error(`given up: ${holder?.pid}`),
});

/** A promise with its end in hand. */
function pending(): { done: Promise<void>; end(): void } {
  let end = () => {};
  const done = new Promise<void>((resolve) => {
    end = resolve;
  });
  return { done, end };
}

describe("the lock of a directory", () => {
  it("keeps others waiting, who learn who has it, and then get it", async () => {
    const events: string[] = [];
    const first = pending();
    const begun = pending();
    const one = aloneIn(request(events), async () => {
      begun.end();
      await first.done;
      events.push("first ends");
    });
    await begun.done;
    const waits = pending();
    const lock = request(events);
    const two = aloneIn(
      {
        ...lock,
        onWait(holder) {
          lock.onWait(holder);
          waits.end();
        },
      },
      async () => void events.push("second begins"),
    );
    await waits.done;
    first.end();
    await Promise.all([one, two]);
    expect(events).toEqual([`waits for ${process.pid}`, "first ends", "second begins"]);
  });

  it("makes others give up after their time limit", async () => {
    const events: string[] = [];
    await aloneIn(request(), async () => {
      const second = aloneIn(request(events, 0), async () => void events.push("begins"));
      await expect(second).rejects.toThrow(`given up: ${process.pid}`);
    });
    expect(events).toEqual([`waits for ${process.pid}`]);
  });

  it("is released after an error", async () => {
    const fails = aloneIn(request(), async () => {
      throw new Error("no");
    });
    await expect(fails).rejects.toThrow("no");
    expect(await aloneIn(request([], 0), async () => "mine")).toBe("mine");
  });

  it("lets many have their turns, one after another", async () => {
    let inside = 0;
    const turns = Array.from({ length: 8 }, () =>
      aloneIn(request(), async () => {
        inside++;
        expect(inside).toBe(1);
        await new Promise((done) => setImmediate(done));
        inside--;
      }),
    );
    await Promise.all(turns);
  });
});
