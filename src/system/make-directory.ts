import { mkdirSync, statSync } from "node:fs";
import { dirname } from "node:path";

/**
 * Makes a directory and those that are missing above it; returns the topmost one that it made. Node's
 * own way (`recursive`) goes round for ever below /proc, where mkdir(2) says that the directory above
 * is not there.
 */
export function makeDirectory(path: string, mode = 0o777): string | undefined {
  try {
    // What is there already, or can be made at once.
    return made(path, mode);
  } catch (error) {
    const above = dirname(path);
    if ((error as NodeJS.ErrnoException).code !== "ENOENT" || above === path) throw error;
    const top = makeDirectory(above, mode);
    return made(path, mode) === undefined ? top : (top ?? path);
  }
}

/** The path if it was made; undefined for a directory that is there. */
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
