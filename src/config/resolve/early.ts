/**
 * The known options of [buildout] while it is being resolved: a reference in it can initialize a part,
 * whose recipe must be found with the same settings as any other.
 */
import { BuildoutError } from "../../errors/error.ts";
import { join } from "../../pythonic/path.ts";
import type { Configuration } from "../merge/configuration.ts";
import { Sections } from "./sections.ts";

/** The value; undefined if resolving it fails, which is reported later. */
function attempt<Result>(action: () => Result): Result | undefined {
  try {
    return action();
  } catch (error) {
    if (error instanceof BuildoutError) return undefined;
    throw error;
  }
}

/**
 * Reads options of [buildout], resolving references that need no recipe; others are as written, except the
 * interpreter, which is replaced by `path`.
 */
export function earlyValues(
  configuration: Configuration,
  path = "",
): (option: string) => string | undefined {
  const read = (option: string) => {
    const written = configuration.sections.get("buildout")?.get(option);
    if (written === undefined || !written.includes("${")) return written;
    return attempt(() => new Sections(configuration).peek("buildout", option)) ?? written;
  };
  // Install recipes where all later runs look for them.
  const settledEggs = (folder: string) =>
    [
      read("eggs-directory-version") ?? "",
      read("abi-tag-eggs") === "true" ? configuration.abiTag() : "",
    ]
      .filter((name) => name !== "")
      .reduce(join, folder);
  return (option) => {
    const value = read(option);
    if (value === undefined) return undefined;
    if (option === "eggs-directory") return settledEggs(value);
    // A part that provides the interpreter must be initialized with another one.
    if (option === "executable" && value.includes("${")) return path;
    return value;
  };
}
