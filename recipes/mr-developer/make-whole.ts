import { rm, rmdir } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { makeDirectory, renameDurably } from "../../src/index.ts";

/** Removes `folder` and those above it up to `highest`, while they are empty. */
async function removeEmpty(folder: string, highest: string): Promise<void> {
  try {
    await rmdir(folder);
  } catch (error) {
    const { code = "" } = error as NodeJS.ErrnoException;
    if (["ENOTEMPTY", "EEXIST", "ENOENT"].includes(code)) return;
    throw error;
  }
  if (folder !== highest) await removeEmpty(dirname(folder), highest);
}

/**
 * Creates a directory atomically: `make` fills one next to it, which is renamed at the end. Removes
 * leftovers of a killed run first, and on failure also parents that it has created.
 */
export async function makeWhole<T>(
  path: string,
  make: (temporary: string) => Promise<T>,
): Promise<T> {
  const temporary = join(dirname(path), `.${basename(path)}.checkout`);
  const clear = () => rm(temporary, { recursive: true, force: true });
  await clear();
  const highest = makeDirectory(dirname(path));
  try {
    const result = await make(temporary);
    await renameDurably(temporary, path);
    return result;
  } catch (error) {
    await clear();
    if (highest !== undefined) await removeEmpty(dirname(path), highest);
    throw error;
  }
}
