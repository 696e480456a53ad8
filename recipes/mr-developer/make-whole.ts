import { mkdir, rename, rm } from "node:fs/promises";
import { basename, dirname, join } from "node:path";

/**
 * Makes a folder whole or not at all: `make` fills one beside it, which is renamed at the end.
 * What a killed run left of it goes first.
 */
export async function makeWhole<T>(
  path: string,
  make: (temporary: string) => Promise<T>,
): Promise<T> {
  const temporary = join(dirname(path), `.${basename(path)}.checkout`);
  const clear = () => rm(temporary, { recursive: true, force: true });
  await clear();
  await mkdir(dirname(path), { recursive: true });
  try {
    const result = await make(temporary);
    await rename(temporary, path);
    return result;
  } catch (error) {
    await clear();
    throw error;
  }
}
