import { rmSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";

/**
 * Runs `action` with a new folder whose name begins with `prefix`. The directory is removed afterwards,
 * even if this process is terminated meanwhile.
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
      // A dying program may still write there.
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
