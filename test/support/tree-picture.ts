import { createHash } from "node:crypto";
import { lstatSync, readdirSync, readFileSync, readlinkSync, statSync } from "node:fs";
import { join } from "node:path";

/** Everything below a directory: kind, mode, size, times and content. */
export function picture(directory: string): string[] {
  return readdirSync(directory, { recursive: true, encoding: "utf8" })
    .concat(".")
    .sort()
    .map((name) => {
      const path = join(directory, name);
      const { mode, size, mtimeMs, ctimeMs } = lstatSync(path);
      const content = lstatSync(path).isSymbolicLink()
        ? readlinkSync(path)
        : statSync(path).isFile()
          ? createHash("sha256").update(readFileSync(path)).digest("hex")
          : "";
      return [name, mode, size, mtimeMs, ctimeMs, content].join(" ");
    });
}
