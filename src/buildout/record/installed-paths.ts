/** A value and its type, for messages. */
function shown(value: unknown): string {
  return `${typeof value === "object" ? "something" : String(value)} (${typeof value})`;
}

/** A recipe's result as a list of paths; undefined if it returned nothing. Throws a TypeError for anything else. */
export function installedPaths(
  returned: unknown,
  method: "install" | "update" | "uninstall",
): string[] | undefined {
  if (returned === undefined || returned === null) return undefined;
  if (typeof returned === "string") return [returned];
  if (typeof returned !== "object" || !(Symbol.iterator in returned)) {
    throw new TypeError(
      `${method}() returned ${shown(returned)}; it must return a path or a list of paths.`,
    );
  }
  return Array.from(returned as Iterable<unknown>, (path) => {
    if (typeof path === "string") return path;
    throw new TypeError(
      `${method}() returned ${shown(path)} among its paths; each must be a string.`,
    );
  });
}
