/** In which order a file that must survive a power failure is written to the disk. */
import { fstatSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, expect, test, vi } from "vitest";
import { writeFileAtomically } from "../../src/system/write-atomically.ts";
import { scratch } from "../support/scratch.ts";

const calls = vi.hoisted(() => [] as string[]);

// Each call is passed on to the real one.
vi.mock("node:fs", async (original) => {
  const fs = await original<typeof import("node:fs")>();
  return {
    ...fs,
    fsyncSync(descriptor: number) {
      calls.push(fstatSync(descriptor).isDirectory() ? "sync directory" : "sync file");
      fs.fsyncSync(descriptor);
    },
    renameSync(from: string, to: string) {
      calls.push("rename");
      fs.renameSync(from, to);
    },
  };
});

beforeEach(() => void calls.splice(0));

test.each([
  ["file", ["sync file", "rename"]],
  ["name", ["sync file", "rename", "sync directory"]],
  ["nothing", ["rename"]],
] as const)("durable: %s", (durable, expected) => {
  writeFileAtomically(join(scratch(), "file"), "text", { durable });
  expect(calls).toEqual(expected);
});
