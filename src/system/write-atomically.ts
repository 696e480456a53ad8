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

/** What a file system answers that cannot do it: nothing is lost that it could have kept. */
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

/**
 * A name beside a file that no other process uses. It is short whatever the file is called, since
 * a name has 255 bytes at most.
 */
export function temporaryBeside(file: string): string {
  const random = Math.random().toString(36).slice(2, 10);
  return join(dirname(file), `.${process.pid}-${random}.new`);
}

export interface WriteOptions {
  /** Such as 0o755, set whatever the umask says; without it a new file's usual mode. */
  mode?: number;
  /**
   * What has to survive a power cut: `file` (the default), also its `name` (the directory is
   * synced too), or `nothing`, for a file that is only of use until the next restart.
   */
  durable?: "name" | "file" | "nothing";
}

/**
 * Writes a whole file or nothing: to a temporary name in the same directory, which is then
 * renamed. Whatever happens, the file holds its former content or the new one.
 */
export function writeFileAtomically(
  file: string,
  data: string | Uint8Array,
  options: WriteOptions | number = {},
): void {
  const { mode, durable = "file" } = typeof options === "number" ? { mode: options } : options;
  const temporary = temporaryBeside(file);
  // With its mode from the start: a secret is never readable by others.
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
