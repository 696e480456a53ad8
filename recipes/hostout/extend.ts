import {
  type BuildoutContext,
  BuildoutError,
  didYouMean,
  findPlugin,
  type Section,
} from "../../src/index.ts";
import { nativePlugins } from "../plugins.ts";

/** Options whose lines are joined, the part's own first; all others are set where missing. */
const JOINED = ["fabfiles", "plugins", "pre-commands", "post-commands"];

/**
 * Copies the options of every part or plugin that `extends` names, and of those that these parts
 * name, each once. Plugins are noted in the option `plugins`, a line for each: name and fabfile,
 * which is `-` for those that come with this package.
 * Throws `unknown-extends` for a name that is neither.
 */
export async function mergeExtended(options: Section, buildout: BuildoutContext): Promise<void> {
  const seen = new Set([options.name]);
  const queue = extendedBy(options);
  for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
    const { name, section } = next;
    if (seen.has(name)) continue;
    seen.add(name);
    if (!buildout.has(name)) {
      mergePlugin(options, name, section, buildout);
      continue;
    }
    const base = await buildout.section(name);
    for (const [option, value] of base.entries()) {
      if (option !== "recipe" && option !== "extends") merge(options, option, value);
    }
    queue.push(...extendedBy(base));
  }
}

function merge(options: Section, option: string, value: string): void {
  const own = options.get(option);
  if (own === undefined) options.set(option, value);
  else if (JOINED.includes(option)) options.set(option, joinLines(own, value));
}

function mergePlugin(
  options: Section,
  name: string,
  section: Section,
  buildout: BuildoutContext,
): void {
  const native = nativePlugins.get(name);
  const plugin = native ? { ...native, fabfile: "-" } : findPlugin(name, buildout);
  if (plugin === undefined) {
    throw new BuildoutError(
      "unknown-extends",
      `${section.name} extends '${name}', which is neither a part nor a plugin.`,
      {
        location: section.location("extends"),
        hint:
          didYouMean(name, [...buildout.names(), ...nativePlugins.keys()]) ??
          `Plugins that come with hostout: ${[...nativePlugins.keys()].join(", ")}; others are npm packages to install here first.`,
      },
    );
  }
  for (const [option, value] of plugin.options) merge(options, option, value);
  merge(options, "plugins", `${name} ${plugin.fabfile}`);
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
