import { posix } from "node:path";
import type { Location } from "../../errors/error.ts";
import { isUrl } from "../../pythonic/path.ts";
import { COMMAND_LINE_VALUE, isNamedSource, type Origin } from "./option.ts";

/**
 * The location of `origin` for users: its normalized file, or its URL. Values from the command line have
 * COMMAND_LINE_VALUE as file, as in `annotate`.
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
