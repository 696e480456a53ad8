import { createHash } from "node:crypto";
import { existsSync, lstatSync, readdirSync, readFileSync, readlinkSync } from "node:fs";
import { join } from "node:path";

/**
 * The content of a directory, if it exists: path -> kind and mode, and the hash or target. `own` is removed
 * from the content of files before it is hashed.
 */
export function treeOf(
  folder: string,
  leaveOut: (path: string) => boolean = () => false,
  own = "",
): Map<string, string> {
  const found = new Map<string, string>();
  const visit = (path: string) => {
    for (const name of readdirSync(join(folder, path)).sort()) {
      const inner = join(path, name);
      if (leaveOut(inner)) continue;
      const file = join(folder, inner);
      const status = lstatSync(file);
      const content = status.isDirectory()
        ? ""
        : status.isSymbolicLink()
          ? readlinkSync(file)
          : createHash("sha256")
              .update(without(readFileSync(file), own))
              .digest("hex")
              .slice(0, 16);
      found.set(inner, `${status.mode.toString(8)} ${content}`.trim());
      if (status.isDirectory()) visit(inner);
    }
  };
  if (existsSync(folder)) visit("");
  return found;
}

function without(content: Buffer, text: string): Buffer {
  return text === "" || !content.includes(text)
    ? content
    : Buffer.from(content.toString("latin1").replaceAll(text, ""), "latin1");
}

/** The differences of two trees, one line for each path. */
export function differences(
  found: ReadonlyMap<string, string>,
  wanted: ReadonlyMap<string, string>,
): string[] {
  return [...new Set([...found.keys(), ...wanted.keys()])]
    .filter((path) => found.get(path) !== wanted.get(path))
    .map((path) => `${path}: ${found.get(path)} for ${wanted.get(path)}`);
}
