import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { scratch, writeFiles } from "./scratch.ts";

/** The archive of an npm package with nothing in it but its name and version. */
export function pack(name: string, version: string): Buffer {
  const folder = writeFiles(scratch(), { "package/package.json": { name, version } });
  execFileSync("tar", ["-czf", "package.tgz", "package"], { cwd: folder });
  return readFileSync(join(folder, "package.tgz"));
}
