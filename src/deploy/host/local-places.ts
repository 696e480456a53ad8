/** Local files to upload, and destinations of downloads. */
import { type Stats, statSync } from "node:fs";
import { basename, join } from "node:path";
import { BuildoutError } from "../../errors/error.ts";
import type { LeftOut } from "../../ssh/files/left-out.ts";
import { reasonOf } from "../../system/reason.ts";
import type { HostSession } from "./session.ts";

/** A file or directory to upload. Throws `file-missing` and `local-file-unreadable`. */
export function sourceStats(path: string): Stats {
  const stats = statsOf(path);
  if (stats !== undefined) return stats;
  throw new BuildoutError("file-missing", `There is no ${path}.`, {
    // Node's replacement for invalid UTF-8.
    ...(path.includes("\uFFFD") && { hint: "The name is not UTF-8: rename the file." }),
  });
}

/**
 * The destination of a file called `name`, as with cp: inside an existing directory; a trailing `/` in
 * `written` means one. Throws `local-not-writable`.
 */
export function targetOfFetched(path: string, written: string, name: string): string {
  if (statsOf(path)?.isDirectory()) return join(path, basename(name));
  if (!written.endsWith("/")) return path;
  throw new BuildoutError("local-not-writable", `There is no directory ${path}.`);
}

function statsOf(path: string): Stats | undefined {
  try {
    return statSync(path, { throwIfNoEntry: false });
  } catch (error) {
    const message = `Cannot read ${path}: ${reasonOf(error)}`;
    throw new BuildoutError("local-file-unreadable", message, { cause: error });
  }
}

/** Warns about files of a directory that were skipped. */
export function warnOfLeftOut(session: HostSession, leftOut: readonly LeftOut[]): void {
  for (const { path, kind } of leftOut) {
    session.emit({ type: "warning", text: `Skipped ${path}: it is ${kind}, not a regular file` });
  }
}
