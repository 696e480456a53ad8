import { posix } from "node:path";
import type { Location } from "../../errors/error.ts";
import { isUrl } from "../../pythonic/path.ts";
import { COMMAND_LINE_VALUE, isNamedSource, type Origin } from "./option.ts";

/**
 * Where a user finds what comes from `origin`: its file without detours, or its URL. What the
 * command line sets has COMMAND_LINE_VALUE for a file, as `annotate` shows it.
 */
export function placeOf({ source, line }: Origin): Location | undefined {
  if (source === COMMAND_LINE_VALUE) return { file: source };
  if (source === "" || isNamedSource(source)) return undefined;
  const file = isUrl(source) ? source : posix.normalize(source);
  return line === undefined ? { file } : { file, line };
}

/** The same as a detail of an error. */
export function locatedAt(origin: Origin): { location?: Location } {
  const location = placeOf(origin);
  return location === undefined ? {} : { location };
}
