import { realpathSync } from "node:fs";
import { posix } from "node:path";
import { dirname, isAbsolute } from "../../pythonic/path.ts";

/**
 * Determines which names refer to the same directory, whatever the spelling and links. Asks the file system
 * once per directory.
 */
export class Folders {
  private readonly real = new Map<string, string>();

  /** The real path of the folder of `file`, which is named in the folder `from`, a real path itself. */
  of(from: string, file: string): string {
    let base = from;
    let rest = dirname(file);
    if (isAbsolute(file)) base = "";
    // The parent of a real path is its textual parent.
    while (rest === ".." || rest.startsWith("../")) {
      base = posix.dirname(base);
      rest = rest.slice(3);
    }
    if (rest === "" || rest === ".") return base;
    return this.resolve(`${base}/${rest}`);
  }

  private resolve(path: string): string {
    let real = this.real.get(path);
    if (real === undefined) {
      try {
        real = realpathSync.native(path);
      } catch {
        // Opening the file will report the problem.
        real = path;
      }
      this.real.set(path, real);
    }
    return real;
  }
}
