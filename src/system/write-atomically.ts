import { chmodSync, renameSync, rmSync, writeFileSync } from "node:fs";

/**
 * Writes a whole file or nothing: into a temporary name beside it, then renamed.
 * `mode` (such as 0o755) is set whatever the umask says.
 */
export function writeFileAtomically(file: string, text: string | Uint8Array, mode?: number): void {
  // Always the same name: what a killed run left is replaced by the next one.
  const temporary = `${file}.tmp`;
  try {
    rmSync(temporary, { force: true });
    // With its mode from the start: a secret is at no moment for others to read.
    writeFileSync(temporary, text, { mode });
    if (mode !== undefined) chmodSync(temporary, mode);
    renameSync(temporary, file);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  }
}
