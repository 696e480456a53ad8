/** A value and its type, for whoever returned it. */
function shown(value: unknown): string {
  return `${typeof value === "object" ? "something" : String(value)} (${typeof value})`;
}

/**
 * What a recipe's function returned as a list of paths; undefined where it returned nothing.
 * Throws a TypeError where it is something else.
 */
export function installedPaths(
  returned: unknown,
  method: "install" | "update" | "uninstall",
): string[] | undefined {
  if (returned === undefined || returned === null) return undefined;
  if (typeof returned === "string") return [returned];
  if (typeof returned !== "object" || !(Symbol.iterator in returned)) {
    throw new TypeError(
      `${method}() returned ${shown(returned)}; a path or several paths are wanted.`,
    );
  }
  return Array.from(returned as Iterable<unknown>, (path) => {
    if (typeof path === "string") return path;
    throw new TypeError(
      `${method}() returned ${shown(path)} among its paths; each has to be a text.`,
    );
  });
}
