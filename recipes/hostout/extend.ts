import { type BuildoutContext, BuildoutError, didYouMean, type Section } from "../../src/index.ts";

/** Options whose lines are joined, the part's own first; all others are set where missing. */
const JOINED = ["fabfiles", "pre-commands", "post-commands"];

/**
 * Copies the options of every part that `extends` names, and of those that these
 * name, each once. Throws `unknown-extends` for a name that is no section.
 */
export async function mergeExtended(options: Section, buildout: BuildoutContext): Promise<void> {
  const seen = new Set([options.name]);
  const queue = extendedBy(options);
  for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
    const { name, section } = next;
    if (seen.has(name)) continue;
    seen.add(name);
    if (!buildout.has(name)) {
      throw new BuildoutError(
        "unknown-extends",
        `${section.name} extends '${name}', which is no part.`,
        {
          location: section.location("extends"),
          hint: didYouMean(name, buildout.names()),
        },
      );
    }
    const base = await buildout.section(name);
    for (const [option, value] of base.entries()) {
      if (option === "recipe" || option === "extends") continue;
      const own = options.get(option);
      if (own === undefined) options.set(option, value);
      else if (JOINED.includes(option)) options.set(option, joinLines(own, value));
    }
    queue.push(...extendedBy(base));
  }
}

/** Lines of both, each once. A base that was merged before brings its own lines again. */
function joinLines(own: string, base: string): string {
  return [...new Set([...own.split("\n"), ...base.split("\n")])]
    .filter((line) => line.trim() !== "")
    .join("\n");
}

function extendedBy(section: Section): { name: string; section: Section }[] {
  const names = (section.get("extends") ?? "").split(/\s+/).filter((word) => word !== "");
  return names.map((name) => ({ name, section }));
}
