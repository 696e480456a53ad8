import { rmSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";

/**
 * Runs `action` with a new folder whose name begins with `prefix`. The folder goes afterwards, also
 * where this process is made to end meanwhile.
 */
export async function withWorkshop<T>(
  prefix: string,
  action: (folder: string) => Promise<T>,
): Promise<T> {
  const folder = await mkdtemp(prefix);
  const remove = () => {
    try {
      rmSync(folder, { recursive: true, force: true });
    } catch {
      // A program that is being killed may still write there.
    }
  };
  process.once("exit", remove);
  try {
    return await action(folder);
  } finally {
    process.removeListener("exit", remove);
    await rm(folder, { recursive: true, force: true, maxRetries: 3 });
  }
}
