import { utils } from "ssh2";
import { expect, test } from "vitest";
import { newKeyPair } from "../../../src/ssh/keys/key-pair.ts";

test("every new key pair can be read, also if ssh2 writes one that cannot", () => {
  let thrownAway = 0;
  const counting = {
    ...utils,
    parseKey: (text: string) => {
      const key = utils.parseKey(text);
      if (key instanceof Error) thrownAway++;
      return key;
    },
  } as typeof utils;
  // One in about 400 cannot: enough of them to meet some.
  for (let made = 0; made < 10_000 && thrownAway < 2; made++) {
    const pair = newKeyPair(counting, "me@here");
    expect(utils.parseKey(pair.private)).not.toBeInstanceOf(Error);
    expect(pair.public).toMatch(/^ssh-ed25519 \S+ me@here$/);
  }
});
