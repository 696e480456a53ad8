import { randomBytes } from "node:crypto";
import { Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import { gunzipSync } from "node:zlib";
import { expect, test } from "vitest";
import { storedGzip } from "../../../src/deploy/release/stored-gzip.ts";

test.each([[[]], [[0]], [[1]], [[65_535]], [[65_536, 3]], [[200_000, 0, 131_070, 5]]])(
  "what is wrapped in pieces of %j bytes comes out again",
  async (sizes) => {
    const pieces = sizes.map((size) => randomBytes(size));
    const wrapped = await buffer(Readable.from(storedGzip(Readable.from(pieces))));
    expect(gunzipSync(wrapped).equals(Buffer.concat(pieces))).toBe(true);
  },
);
