import type { Configuration } from "../../config/merge/configuration.ts";
import { words } from "../../pythonic/text.ts";

const RECIPES = new Set(["hostout", "collective.hostout"]);
/** The option that stores the macros of a section: `<= base`. */
const MACROS = "<";

/** Whether a section is a hostout part, which hosts do not build. */
export function isHostoutRecipe(recipe: string | undefined): boolean {
  return RECIPES.has(recipe ?? "");
}

/** The hostout parts, and the sections that give them options through `<` or `extends`. */
export function hostSections({ sections }: Configuration): Set<string> {
  const family = (name: string, known = new Set<string>()): Set<string> => {
    const options = sections.get(name);
    if (options === undefined || known.has(name)) return known;
    known.add(name);
    const inherited = (options.get(MACROS) ?? "").split("\n").map((line) => line.trim());
    for (const one of [...inherited, ...words(options.get("extends") ?? "")]) family(one, known);
    return known;
  };
  const isHost = (names: ReadonlySet<string>) =>
    [...names].some((name) => isHostoutRecipe(sections.get(name)?.get("recipe")));
  const families = [...sections.keys()].map((name) => family(name)).filter(isHost);
  return new Set(families.flatMap((names) => [...names]));
}
