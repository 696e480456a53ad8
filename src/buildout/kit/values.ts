import { resolve } from "node:path";
import type { Section } from "../../config/resolve/section.ts";
import type { OptionSpec, OptionSpecs, OptionValues } from "../../contract/recipe.ts";
import { BuildoutError, type Location } from "../../errors/error.ts";
import { lines, repr, words } from "../../pythonic/text.ts";

/** `true` or `false`, as zc.buildout's own options are read. Throws on anything else. */
function parseBoolean(option: string, value: string, location?: Location): boolean {
  if (value === "true") return true;
  if (value === "false") return false;
  throw new BuildoutError(
    "invalid-value",
    `Invalid value for ${repr(option)} option: ${repr(value)}`,
    { ...(location && { location }), hint: "It must be 'true' or 'false'." },
  );
}

interface Conversion {
  option: string;
  spec: OptionSpec;
  directory: string;
  location?: Location | undefined;
}

function convert(value: string, { option, spec, directory, location }: Conversion) {
  switch (spec.type ?? "string") {
    case "path":
      return resolve(directory, value);
    case "boolean":
      return parseBoolean(option, value, location);
    case "lines":
      return lines(value);
    case "words":
      return words(value);
    default:
      return value;
  }
}

/**
 * The declared options of a section as values. Each is read on access, so that later changes by a recipe
 * are visible. Defaults are not added to the section itself. Throws for a missing required option ("Missing
 * option: part:name") and for a value that its type does not allow.
 */
export async function optionValues<S extends OptionSpecs>(
  section: Section,
  specs: S,
  directory: string,
): Promise<OptionValues<S>> {
  const values = {};
  for (const [option, spec] of Object.entries(specs)) {
    const fallback =
      spec.default !== undefined && !section.has(option)
        ? await section.substitute(spec.default)
        : spec.default;
    const read = () => {
      const value = spec.required ? section.require(option) : (section.get(option) ?? fallback);
      if (value === undefined) return undefined;
      return convert(value, { option, spec, directory, location: section.location(option) });
    };
    read();
    Object.defineProperty(values, option, { get: read, enumerable: true });
  }
  return values as OptionValues<S>;
}
