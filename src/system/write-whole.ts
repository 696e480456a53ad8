import { chmod, rename, rm, writeFile } from "node:fs/promises";
import path from "node:path";

/**
 * Writes a file whole or not at all: to a temporary name in the same folder, then renamed. The
 * mode is set as given, whatever the umask.
 */
export async function writeWhole(
  file: string,
  data: string | Uint8Array,
  mode = 0o644,
): Promise<void> {
  const temporary = path.join(path.dirname(file), `.${path.basename(file)}.${process.pid}.new`);
  try {
    await rm(temporary, { force: true });
    await writeFile(temporary, data, { flag: "wx" });
    await chmod(temporary, mode);
    await rename(temporary, file);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}
