import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { withLock } from "../../src/system/lock.ts";

test("many locks in parallel leak nothing, and leave no listener behind", async () => {
  const folder = mkdtempSync(join(tmpdir(), "locks-"));
  const warnings: Error[] = [];
  const heard = (warning: Error) => warnings.push(warning);
  process.on("warning", heard);
  const before = [process.listenerCount("exit"), process.getMaxListeners()];
  try {
    const folders = Array.from({ length: 30 }, () => mkdtempSync(join(folder, "one-")));
    let held = 0;
    const hold = async () => {
      held += 1;
      await expect.poll(() => held).toBe(folders.length);
    };
    await Promise.all(folders.map((one) => withLock(one, () => {}, hold)));
    // Warnings are emitted in the next turn.
    await new Promise((resolve) => setImmediate(resolve));
    expect(warnings).toEqual([]);
    expect([process.listenerCount("exit"), process.getMaxListeners()]).toEqual(before);
  } finally {
    process.removeListener("warning", heard);
    rmSync(folder, { recursive: true, force: true });
  }
});
