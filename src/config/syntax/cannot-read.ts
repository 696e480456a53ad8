import { BuildoutError, type Location, messageOf } from "../../errors/error.ts";
import { quoted } from "../../pythonic/text.ts";

/** The error for a file that `cause` keeps from being read; `source` is its name for messages, `from` where it is named. */
export function cannotRead(
  source: string,
  cause: unknown,
  from: Location | undefined,
): BuildoutError {
  const missing = (cause as NodeJS.ErrnoException).code === "ENOENT";
  return new BuildoutError(
    missing ? "missing-file" : "unreadable-file",
    missing
      ? `No such file: ${quoted(source)}`
      : `Cannot read ${quoted(source)}: ${messageOf(cause)}`,
    { ...(from && { location: from }), cause },
  );
}
