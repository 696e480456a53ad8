import { expect, test } from "vitest";
import { Deadline } from "../../src/ssh/deadline.ts";

const pause = (seconds: number) => new Promise((resolve) => setTimeout(resolve, seconds * 1000));

test("a step that takes too long is reported with its name and time", async () => {
  const expired = await new Promise<unknown[]>((resolve) => {
    new Deadline((...what) => resolve(what)).start("greeting", 0.02);
  });
  expect(expired).toEqual(["greeting", 0.02]);
});

test("a next step restarts the time, and stopping ends it", async () => {
  const expired: string[] = [];
  const deadline = new Deadline((step) => expired.push(step));
  deadline.start("first", 0.05);
  deadline.start("second", 0.1);
  await pause(0.07);
  expect(expired).toEqual([]);
  deadline.stop();
  await pause(0.07);
  expect(expired).toEqual([]);
});

test("the clock stops while a person answers, and then restarts", async () => {
  const events: string[] = [];
  await new Promise<void>((resolve) => {
    const deadline = new Deadline(() => {
      events.push("expired");
      resolve();
    });
    deadline.start("login", 0.03);
    const answered = pause(0.1).then(() => events.push("answered"));
    void deadline.paused(answered);
    deadline.start("login", 0.03);
  });
  expect(events).toEqual(["answered", "expired"]);
});
