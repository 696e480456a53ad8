import { type FileHandle, open, readdir, rename, stat } from "node:fs/promises";
import { join } from "node:path";
import { CANNOT_SYNC } from "./write-atomically.ts";

/** Waits until a file is on the disk. */
async function syncFile(path: string): Promise<void> {
  let handle: FileHandle;
  try {
    handle = await open(path, "r");
  } catch (error) {
    // It is unreadable, so nobody can rely on it.
    if ((error as NodeJS.ErrnoException).code === "EACCES") return;
    throw error;
  }
  try {
    await handle.sync();
  } catch (error) {
    if (!CANNOT_SYNC.has((error as NodeJS.ErrnoException).code ?? "")) throw error;
  } finally {
    await handle.close();
  }
}

/** Waits until all files below a directory are on the disk. */
export async function syncTree(directory: string): Promise<void> {
  const entries = await readdir(directory, { withFileTypes: true });
  await Promise.all(
    entries.map((entry) => {
      const path = join(directory, entry.name);
      if (entry.isDirectory()) return syncTree(path);
      return entry.isFile() ? syncFile(path) : undefined;
    }),
  );
}

/**
 * Gives a complete file or directory its final name. Even after a power failure, it is complete, never an
 * empty file, since nothing checks it again.
 */
export async function renameDurably(temporary: string, place: string): Promise<void> {
  if ((await stat(temporary)).isDirectory()) await syncTree(temporary);
  else await syncFile(temporary);
  await rename(temporary, place);
}
