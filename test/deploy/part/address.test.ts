import { expect, test } from "vitest";
import { addressOf } from "../../../src/deploy/part/address.ts";

test.each([
  ["web1", undefined, "web1"],
  ["web1", 22, "web1"],
  ["web1", 2222, "web1:2222"],
  ["::1", undefined, "::1"],
  ["::1", 2222, "[::1]:2222"],
])("%s and port %s are %s", (host, port, address) => {
  expect(addressOf({ host, port })).toBe(address);
});
