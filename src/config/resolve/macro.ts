import { BuildoutError } from "../../errors/error.ts";
import { didYouMean } from "../../errors/nearest.ts";
import { repr, strip } from "../../pythonic/text.ts";
import { type Configuration, whileDoing } from "../merge/configuration.ts";
import { mergeSection, type Options } from "../merge/merge.ts";
import { setOption } from "../merge/option.ts";

// zc.buildout ends at Python's recursion limit, a little below this.
const MAX_DEPTH = 1000;

type Raw = ReadonlyMap<string, string>;

function options(raw: Raw): Options {
  const result: Options = new Map();
  for (const [name, value] of raw) result.set(name, setOption(value, { source: "" }));
  return result;
}

/**
 * The options of a section on top of those inherited by its `<` lines; each line names one section. Throws
 * `macro-loop` and `missing-section`.
 */
export function expandMacros(configuration: Configuration, name: string, raw: Raw): Raw {
  return expand(configuration, name, raw, [], new Map());
}

/** `known`: sections already expanded, since many can inherit from one. */
function expand(
  configuration: Configuration,
  name: string,
  raw: Raw,
  doing: string[],
  known: Map<string, Raw>,
): Raw {
  const before = known.get(name);
  if (before !== undefined) return before;
  if (name === "buildout") return raw;
  const location = configuration.location(name, "<");
  if (doing.includes(name)) {
    throw new BuildoutError("macro-loop", `Infinite extending loop ${repr(name)}`, {
      ...(location && { location }),
    });
  }
  if (doing.length > MAX_DEPTH) {
    const message = `Sections inherit from each other more than ${MAX_DEPTH} deep.`;
    throw new BuildoutError("macro-loop", message, { ...(location && { location }) });
  }
  const macros = raw.get("<");
  if (macros === undefined) return raw;
  doing.push(name);
  try {
    const result: Options = new Map();
    for (const line of macros.split("\n")) {
      const macro = strip(line);
      if (macro === "") continue;
      const inherited = configuration.sections.get(macro);
      if (inherited === undefined) {
        const hint = didYouMean(macro, configuration.sections.keys());
        throw new BuildoutError("missing-section", `No section named ${repr(macro)}`, {
          ...(location && { location }),
          ...(hint && { hint }),
        });
      }
      for (const [option, value] of options(
        expand(configuration, macro, inherited, doing, known),
      )) {
        result.set(option, value);
      }
    }
    mergeSection(result, options(raw));
    result.delete("<");
    const expanded = new Map([...result].map(([option, { value }]) => [option, value]));
    known.set(name, expanded);
    return expanded;
  } catch (error) {
    if (error instanceof BuildoutError) {
      whileDoing(error, `Loading input sections for ${repr(name)}`);
    }
    throw error;
  } finally {
    doing.pop();
  }
}
