import { mkdirSync, statSync } from "node:fs";
import { dirname } from "node:path";

/**
 * Creates a directory and missing parents; returns the topmost one that it created. Node's `recursive`
 * loops forever below /proc, where mkdir(2) reports a missing parent.
 */
export function makeDirectory(path: string, mode = 0o777): string | undefined {
  try {
    // It exists, or can be created directly.
    return made(path, mode);
  } catch (error) {
    const above = dirname(path);
    if ((error as NodeJS.ErrnoException).code !== "ENOENT" || above === path) throw error;
    const top = makeDirectory(above, mode);
    return made(path, mode) === undefined ? top : (top ?? path);
  }
}

/** The path if it was created; undefined for an existing directory. */
function made(path: string, mode: number): string | undefined {
  try {
    mkdirSync(path, { mode });
    return path;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST" || !isDirectory(path)) throw error;
    return undefined;
  }
}

function isDirectory(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
}
