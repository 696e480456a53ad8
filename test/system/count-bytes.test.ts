import { Readable } from "node:stream";
import { text } from "node:stream/consumers";
import { expect, test } from "vitest";
import { countBytes } from "../../src/system/count-bytes.ts";

test("passes everything on and counts it", async () => {
  const counts: number[] = [];
  const chunks = ["ab", "cäd", "e"].map((chunk) => Buffer.from(chunk));
  const counted = Readable.from(chunks).pipe(countBytes((bytes) => counts.push(bytes)));
  expect([await text(counted), counts]).toEqual(["abcäde", [2, 6, 7]]);
});
