import {
  BuildoutError,
  didYouMean,
  findPlugin,
  type Part,
  type RecipeDefinition,
  type Section,
  words,
} from "../../src/index.ts";
import { nativePlugins } from "../plugins/index.ts";
import { pythonPath, pythonPlugin } from "./python-plugin.ts";

/** Plugins of the original that are replaced by `bootstrap`. */
const BUILT_IN = new Set(["hostout.ubuntu", "hostout.debian", "hostout.centos", "hostout.redhat"]);

/** Options whose lines are joined, the part's own first; all others are only set if missing. */
const JOINED = ["fabfiles", "plugins", "plugin-path", "pre-commands", "post-commands"];

/**
 * Copies the options of every part or plugin in `extends`, recursively, each once. Records plugins in the
 * option `plugins`, one per line: name and fabfile, which is `-` for built-in ones and a module name for
 * those in Python. Returns the recipes of the plugins in Python. Throws `unknown-extends` for a name that
 * is neither.
 */
export async function mergeExtended(part: Part): Promise<RecipeDefinition[]> {
  const { options, buildout } = part;
  const seen = new Set([options.name]);
  const queue = extendedBy(options);
  const recipes: RecipeDefinition[] = [];
  for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
    const { name, section } = next;
    if (seen.has(name)) continue;
    seen.add(name);
    if (!buildout.has(name)) {
      recipes.push(...(await mergePlugin(part, name, section)));
      continue;
    }
    const base = await buildout.section(name);
    for (const [option, value] of base.entries()) {
      if (option !== "recipe" && option !== "extends") merge(options, option, value);
    }
    queue.push(...extendedBy(base));
  }
  // The distributions of a plugin may depend on options that others have set.
  for (const name of seen) {
    if (!buildout.has(name))
      await addPath(part, nativePlugins.get(name)?.requires?.(options) ?? []);
  }
  return recipes;
}

async function addPath(part: Part, requirements: readonly string[]): Promise<void> {
  if (requirements.length === 0) return;
  merge(part.options, "plugin-path", (await pythonPath(part, requirements)).join("\n"));
}

function merge(options: Section, option: string, value: string): void {
  const own = options.get(option);
  if (own === undefined) options.set(option, value);
  else if (JOINED.includes(option)) options.set(option, joinLines(own, value));
}

async function mergePlugin(
  part: Part,
  name: string,
  section: Section,
): Promise<RecipeDefinition[]> {
  const { options, buildout } = part;
  if (BUILT_IN.has(name)) {
    part.log.warning(`'extends = ${name}' has no effect: 'bootstrap' prepares any system.`);
    return [];
  }
  const native = nativePlugins.get(name);
  const plugin = native ? { ...native, fabfile: "-" } : findPlugin(name, buildout);
  if (plugin !== undefined) {
    for (const [option, value] of plugin.options) merge(options, option, value);
    merge(options, "plugins", `${name} ${plugin.fabfile}`);
    return [];
  }
  const python = await pythonPlugin(part, name);
  if (python instanceof Error) throw unknownExtends(part, name, section, python);
  for (const module of python.modules) merge(options, "plugins", `${name} ${module}`);
  merge(options, "plugin-path", python.path.join("\n"));
  return python.hasRecipe ? [await buildout.addRecipe(part, name)] : [];
}

function unknownExtends({ buildout }: Part, name: string, section: Section, cause: Error) {
  const location = section.location("extends");
  const known = [...nativePlugins.keys()];
  return new BuildoutError(
    "unknown-extends",
    `${section.name} extends '${name}', which is neither a part nor a plugin.`,
    {
      ...(location && { location }),
      hint:
        didYouMean(name, [...buildout.names(), ...known]) ??
        `Plugins that come with hostout: ${known.join(", ")}; others must be installed here as npm packages, or be Python distributions. ${cause.message}`,
      cause,
    },
  );
}

/** Lines of both without duplicates, since a base may be merged twice. */
function joinLines(own: string, base: string): string {
  return [...new Set([...own.split("\n"), ...base.split("\n")])]
    .filter((line) => line.trim() !== "")
    .join("\n");
}

function extendedBy(section: Section): { name: string; section: Section }[] {
  const names = words(section.get("extends") ?? "");
  return names.map((name) => ({ name, section }));
}
