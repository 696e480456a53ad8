import { existsSync, readFileSync, rmSync } from "node:fs";
import { writeFileAtomically } from "../../system/write-atomically.ts";

/**
 * The paths created so far by the part in progress, recorded on disk: a killed run cannot clean up, so the
 * next one does so first.
 */
export class PendingFile {
  private readonly file: string | undefined;
  private present: boolean;

  /** `installed`: the file that `[buildout] installed` names, if any. */
  constructor(installed: string | undefined) {
    this.file = installed === undefined ? undefined : `${installed}.pending`;
    this.present = this.file !== undefined && existsSync(this.file);
  }

  /** What a killed run left behind. A damaged file counts as none. */
  read(): string[] {
    if (this.file === undefined || !this.present) return [];
    return readFileSync(this.file, "utf8").split("\0").filter(Boolean);
  }

  save(paths: readonly string[]): void {
    if (this.file === undefined) return;
    this.present = true;
    writeFileAtomically(this.file, paths.join("\0"), { durable: "nothing" });
  }

  clear(): void {
    if (this.file === undefined || !this.present) return;
    rmSync(this.file, { force: true });
    this.present = false;
  }
}
