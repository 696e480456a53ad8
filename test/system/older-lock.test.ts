import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { aloneIn } from "../../src/system/directory-lock.ts";
import type { LockHolder, LockRequest } from "../../src/system/lock-request.ts";
import { aloneWithFile } from "../../src/system/older-lock.ts";

let directory: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "lock-"));
});
afterEach(() => {
  rmSync(directory, { recursive: true, force: true });
});

type Alone = (request: LockRequest, action: () => Promise<void>) => Promise<void>;

/** As an engine on Node 18 does it. */
const older: Alone = (request, action) => {
  const { dev, ino } = statSync(directory);
  const file = join(directory, ".buildout-running");
  return aloneWithFile(request, file, `buildout-${dev}-${ino}`.padEnd(107, "-"), action);
};
const newer: Alone = aloneIn;

const request = (events: string[] = [], wait?: number): LockRequest => ({
  directory,
  wait,
  onWait: (holder: LockHolder | undefined) => void events.push(`waits for ${holder?.pid}`),
  givenUp: (holder: LockHolder | undefined) => new Error(`given up: ${holder?.pid}`),
});

const kinds: Record<string, Alone> = { older, newer };
// Both kinds of lock meet on Linux alone.
describe.skipIf(process.platform !== "linux").each([
  ["newer", "older"],
  ["older", "newer"],
  ["older", "older"],
])("a run with the %s lock", (one, another) => {
  const [first, second] = [kinds[one]!, kinds[another]!];

  it(`keeps one with the ${another} lock waiting, and reports who has it`, async () => {
    const events: string[] = [];
    let waits = () => {};
    const waiting = new Promise<void>((done) => {
      waits = done;
    });
    const lock = request(events);
    let later: Promise<void> | undefined;
    await first(request(events), async () => {
      const onWait = (holder: LockHolder | undefined) => {
        lock.onWait(holder);
        waits();
      };
      later = second({ ...lock, onWait }, async () => void events.push("second"));
      if (one === "older" && another === "older") return;
      await waiting;
      events.push("first ends");
    });
    await later;
    // Within one process, the second one is queued, and does not report that it waits.
    const told = [`waits for ${process.pid}`, "first ends"];
    expect(events).toEqual([...(one === another ? [] : told), "second"]);
    expect(existsSync(join(directory, ".buildout-running"))).toBe(false);
  });
});

describe.skipIf(process.platform !== "linux").each([
  ["newer", "older"],
  ["older", "newer"],
])("a run with the %s lock", (one, another) => {
  it(`makes one with the ${another} lock give up after its time limit`, async () => {
    await kinds[one]!(request(), async () => {
      await expect(kinds[another]!(request([], 0), async () => {})).rejects.toThrow(
        `given up: ${process.pid}`,
      );
    });
  });
});

describe.skipIf(process.platform !== "linux")("runs with both kinds of lock", () => {
  it("have their turns, one after another", async () => {
    let inside = 0;
    const turn = async () => {
      inside++;
      expect(inside).toBe(1);
      await new Promise((done) => setImmediate(done));
      inside--;
    };
    const kind = (at: number) => (at % 2 === 0 ? older : newer);
    await Promise.all(Array.from({ length: 8 }, (_, at) => kind(at)(request(), turn)));
  });

  it("remove the file of a process that has ended", async () => {
    const { pid } = spawnSync("true");
    const file = join(directory, ".buildout-running");
    const dead = { id: "x", host: hostname(), pid, started: "1" };
    for (const kind of [newer, older]) {
      writeFileSync(file, JSON.stringify(dead));
      const events: string[] = [];
      await kind(request(events, 0), async () => void events.push("has its turn"));
      expect(events).toEqual(["has its turn"]);
      expect(existsSync(file)).toBe(false);
    }
  });
});
