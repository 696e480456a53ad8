import { readFileSync, statSync } from "node:fs";
import { BuildoutError, type Location, messageOf } from "../../errors/error.ts";
import { repr } from "../../pythonic/text.ts";

/**
 * The error for a file that cannot be read because of `cause`; `source` is its name in messages, `from` is
 * where it is named.
 */
function cannotRead(source: string, cause: unknown, from: Location | undefined): BuildoutError {
  const { code } = cause as NodeJS.ErrnoException;
  if (code === "EISDIR") {
    return new BuildoutError("is-directory", `${repr(source)} is a directory, not a file.`, {
      ...(from && { location: from }),
      hint: `Name the configuration file in it, such as ${source.replace(/\/+$/, "")}/buildout.cfg.`,
      cause,
    });
  }
  const missing = code === "ENOENT";
  return new BuildoutError(
    missing ? "missing-file" : "unreadable-file",
    missing ? `No such file: ${repr(source)}` : `Cannot read ${repr(source)}: ${messageOf(cause)}`,
    { ...(from && { location: from }), cause },
  );
}

/** The content of a local file; `source` is its name in messages, `from` is where it is named. */
export async function readLocal(
  path: string,
  source: string,
  from: Location | undefined,
): Promise<Uint8Array> {
  try {
    const stats = statSync(path, { throwIfNoEntry: false });
    if (stats === undefined || stats.isFile() || stats.isDirectory()) return readFileSync(path);
    const { readPipe } = await import("../../system/pipe.ts");
    return await readPipe(path);
  } catch (cause) {
    throw cannotRead(source, cause, from);
  }
}
