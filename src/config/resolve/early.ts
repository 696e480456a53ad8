/**
 * What is known of [buildout] and the pins while [buildout] is still being resolved: one of its
 * references can bring a part to life, whose recipe has to be found by the same settings and pins
 * as any other.
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
 * that do need one are as written.
 */
export function earlyValues(configuration: Configuration): (option: string) => string | undefined {
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
    return option === "eggs-directory" && value !== undefined ? settledEggs(value) : value;
  };
}

/** The pins, those left out that need a recipe. */
export function earlyPins(configuration: Configuration): ReadonlyMap<string, string> {
  const name = configuration.sections.get("buildout")?.get("versions") ?? "";
  const written = configuration.sections.get(name);
  if (written === undefined) return new Map();
  const resolved = attempt(() => new Map(new Sections(configuration).resolve(name).entries()));
  return resolved ?? new Map([...written].filter(([, value]) => !value.includes("${")));
}
