/**
 * What is known of [buildout] while it is still being resolved: one of its references can bring a
 * part to life, whose recipe has to be found by the same settings as any other.
 */
import { BuildoutError } from "../../errors/error.ts";
import { join } from "../../pythonic/path.ts";
import type { Configuration } from "../merge/configuration.ts";
import { Sections } from "./sections.ts";

/** The value; undefined where resolving it fails, which is reported when its turn comes. */
function attempt<Result>(action: () => Result): Result | undefined {
  try {
    return action();
  } catch (error) {
    if (error instanceof BuildoutError) return undefined;
    throw error;
  }
}

/**
 * Reads options of [buildout] with their references resolved as far as that needs no recipe; those
 * that do need one are as written, but for the interpreter: `path` stands for it.
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
  // A recipe is installed where every later run looks for it.
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
    // A part that gives the interpreter has to come to life in another one.
    if (option === "executable" && value.includes("${")) return path;
    return value;
  };
}
