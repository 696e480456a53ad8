import { expect, test } from "vitest";
import { untilUp } from "../../../src/deploy/host/location.ts";
import { BuildoutError } from "../../../src/errors/error.ts";

const signal = new AbortController().signal;
const patient = () => ({ end: Date.now() + 600_000, refusesKeys: true, signal, onWait: () => {} });
const refusal = (code: "host-unreachable" | "authentication-failed" | "host-key-changed") =>
  new BuildoutError(code, "No.");

/** Fails with these errors in turn, then works. */
function failing(...errors: Error[]) {
  return async () => {
    const error = errors.shift();
    if (error !== undefined) throw error;
    return "up";
  };
}

test("a login is tried again until the machine answers and knows the key", async () => {
  let waits = 0;
  const attempt = failing(refusal("host-unreachable"), refusal("authentication-failed"));
  const onWait = () => {
    waits++;
  };
  const options = { ...patient(), onWait };
  expect([await untilUp(attempt, options), waits]).toEqual(["up", 1]);
});

test("a key that cannot become valid is refused at once, as is another host key", async () => {
  const keys = untilUp(failing(refusal("authentication-failed")), {
    ...patient(),
    refusesKeys: false,
  });
  await expect(keys).rejects.toMatchObject({ code: "authentication-failed" });
  const changed = untilUp(failing(refusal("host-key-changed")), patient());
  await expect(changed).rejects.toMatchObject({ code: "host-key-changed" });
});

test("the time limit ends the attempts, and an interruption ends a call", async () => {
  const late = untilUp(failing(refusal("host-unreachable")), { ...patient(), end: Date.now() });
  await expect(late).rejects.toMatchObject({ code: "host-unreachable" });
  const ended = untilUp(failing(refusal("host-unreachable")), {
    ...patient(),
    signal: AbortSignal.abort(),
  });
  await expect(ended).rejects.toMatchObject({ code: "host-unreachable" });
});
