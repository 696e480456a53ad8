import { join } from "node:path";
import type { Part } from "../../contract/recipe.ts";
import { BuildoutError } from "../../errors/error.ts";
import { repr } from "../../pythonic/text.ts";

/**
 * The part's directory in `parts-directory`. Throws `invalid-value` for a part whose name points outside or
 * contains control characters: installing or removing it would affect other files.
 */
export function partDirectory({
  name,
  options,
  buildout,
}: Pick<Part, "name" | "options" | "buildout">): string {
  const directory = join(buildout.partsDirectory, name);
  const inside = directory.startsWith(join(buildout.partsDirectory, "/"));
  if (inside && !name.endsWith("/") && !/\p{Cc}/u.test(name)) return directory;
  const location = options.location();
  throw new BuildoutError(
    "invalid-value",
    `The part ${repr(name)} cannot have a directory with its name in ${repr(buildout.partsDirectory)}.`,
    { ...(location && { location }), hint: "Rename the part." },
  );
}
