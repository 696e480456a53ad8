import {
  closeSync,
  fchmodSync,
  fsyncSync,
  openSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";

/** Errors of file systems that do not support it, so nothing more can be done. */
export const CANNOT_SYNC = new Set(["EINVAL", "ENOSYS", "ENOTSUP", "EOPNOTSUPP"]);

function sync(descriptor: number): void {
  try {
    fsyncSync(descriptor);
  } catch (error) {
    if (!CANNOT_SYNC.has((error as NodeJS.ErrnoException).code ?? "")) throw error;
  }
}

function syncDirectory(directory: string): void {
  let descriptor: number;
  try {
    descriptor = openSync(directory, "r");
  } catch (error) {
    // A directory can be written to without being readable.
    if ((error as NodeJS.ErrnoException).code === "EACCES") return;
    throw error;
  }
  try {
    sync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

/** A unique name next to a file. It is short regardless of the file's name, since names are limited to 255 bytes. */
export function temporaryBeside(file: string): string {
  const random = Math.random().toString(36).slice(2, 10);
  return join(dirname(file), `.${process.pid}-${random}.new`);
}

export interface WriteOptions {
  /** Such as 0o755, set regardless of the umask; default: that of a new file. */
  mode?: number;
  /**
   * What must survive a power failure: `file` (the default), also its `name` (the directory is synced,
   * too), or `nothing`, for a file that is only useful until the next restart.
   */
  durable?: "name" | "file" | "nothing";
}

/**
 * Writes a file atomically: to a temporary name in the same directory, which is then renamed. Whatever
 * happens, the file has its former content or the new one.
 */
export function writeFileAtomically(
  file: string,
  data: string | Uint8Array,
  options: WriteOptions | number = {},
): void {
  const { mode, durable = "file" } = typeof options === "number" ? { mode: options } : options;
  const temporary = temporaryBeside(file);
  // With its mode from the start, so that a secret is never readable by others.
  const descriptor = openSync(temporary, "wx", mode);
  try {
    try {
      writeFileSync(descriptor, data);
      if (mode !== undefined) fchmodSync(descriptor, mode);
      if (durable !== "nothing") sync(descriptor);
    } finally {
      closeSync(descriptor);
    }
    renameSync(temporary, file);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  }
  if (durable === "name") syncDirectory(dirname(file));
}
