/** Archives for the recipes that unpack some. */
import { gzipSync } from "node:zlib";
import fc from "fast-check";
import { type Member, tarOf, zipOf } from "../../../support/archives.ts";
import type { Content } from "../cases.ts";

const base64 = (bytes: Buffer): Content => ({ base64: bytes.toString("base64") });

const packers: Readonly<Record<string, (members: readonly Member[]) => Buffer>> = {
  ".tgz": (members) => gzipSync(tarOf(members)),
  ".tar.gz": (members) => gzipSync(tarOf(members)),
  ".tar": tarOf,
  ".zip": zipOf,
  "": zipOf,
};

/** A file's name and its content. */
export function archive(members: readonly Member[]): fc.Arbitrary<[string, Content]> {
  return fc
    .constantFrom(...Object.keys(packers))
    .map((end) => [`packed${end}`, base64(packers[end]!(members))]);
}

/** Plain packages, with folders and permissions of every kind. */
export const packages: readonly (readonly Member[])[] = [
  [
    { name: "top/", mode: 0o755 },
    { name: "top/a.txt", data: "a" },
    { name: "top/run", data: "#!/bin/sh\n", mode: 0o755 },
    { name: "top/inner/", mode: 0o755 },
    { name: "top/inner/b.txt", data: "b", mode: 0o600 },
    { name: "top/inner/c.py", data: "c" },
  ],
  [
    { name: "a.txt", data: "a" },
    { name: "b/c.txt", data: "c" },
  ],
  [{ name: "only.txt", data: "alone" }],
  [{ name: "top/sub/deep.txt", data: "deep" }],
  [
    { name: "top/", mode: 0o700 },
    { name: "top/sticky/", mode: 0o777 },
    { name: "top/sticky/f", data: "f", mode: 0o444 },
  ],
  [
    { name: "./", mode: 0o755 },
    { name: "./x/y.txt", data: "y" },
    { name: "./top.txt", data: "t" },
  ],
  [
    { name: "top/", mode: 0o755 },
    { name: "top/real", data: "real" },
    { name: "top/é ü", data: "named" },
  ],
];
