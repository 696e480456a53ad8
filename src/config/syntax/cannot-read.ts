import { BuildoutError, type Location, messageOf } from "../../errors/error.ts";
import { repr } from "../../pythonic/text.ts";

/** The error for a file that `cause` keeps from being read; `source` is its name for messages, `from` where it is named. */
export function cannotRead(
  source: string,
  cause: unknown,
  from: Location | undefined,
): BuildoutError {
  const { code } = cause as NodeJS.ErrnoException;
  if (code === "EISDIR") {
    return new BuildoutError("is-directory", `${repr(source)} is a directory, not a file.`, {
      ...(from && { location: from }),
      hint: `Name the configuration in it, such as ${source.replace(/\/+$/, "")}/buildout.cfg.`,
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
