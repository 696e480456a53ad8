import { existsSync } from "node:fs";
import { basename, relative } from "node:path";
import {
  BuildoutError,
  didYouMean,
  type ExtensionContext,
  type Log,
  words,
} from "../../src/index.ts";
import { readSettings, type Settings } from "./settings.ts";
import { readSources, type Source } from "./sources.ts";
import { readState, type State } from "./state.ts";

export const NAME = "mr.developer";

/** The packages of one buildout, from its configuration and its state file. */
export interface Project {
  directory: string;
  settings: Settings;
  state: State;
  sources: ReadonlyMap<string, Source>;
  autoCheckout: ReadonlySet<string>;
}

/** The names in `auto-checkout`, each of which must have a source. Throws `missing-source`. */
async function autoCheckoutOf(
  { autoCheckout }: Settings,
  sources: ReadonlyMap<string, Source>,
  buildout: ExtensionContext,
): Promise<ReadonlySet<string>> {
  if (autoCheckout.includes("*")) return new Set(sources.keys());
  const missing = [...new Set(autoCheckout)].filter((name) => !sources.has(name)).sort();
  if (missing.length === 0) return new Set(autoCheckout);
  const quoted = missing.map((name) => `'${name}'`);
  const last = quoted.pop()!;
  const location = (await buildout.section("buildout")).location("auto-checkout");
  const hint = didYouMean(missing[0]!, sources.keys());
  throw new BuildoutError(
    "missing-source",
    quoted.length === 0
      ? `The package ${last} from auto-checkout has no source information.`
      : `The packages ${quoted.join(", ")} and ${last} from auto-checkout have no source information.`,
    { ...(location && { location }), ...(hint && { hint }) },
  );
}

/** Reads settings, sources and state. Throws their errors. */
export async function openProject(buildout: ExtensionContext, log: Log): Promise<Project> {
  const { directory } = buildout;
  const state = readState(directory, log);
  const settings = readSettings(await buildout.section("buildout"), directory, state, log);
  const sources = buildout.has(settings.sources)
    ? readSources(await buildout.section(settings.sources), {
        directory,
        sourcesDirectory: settings.sourcesDirectory,
        cloneDepth: settings.cloneDepth,
        rewrites: state.rewrites,
        log,
      })
    : new Map<string, Source>();
  const autoCheckout = await autoCheckoutOf(settings, sources, buildout);
  return { directory, settings, state, sources, autoCheckout };
}

/** The packages to develop. */
export interface Developed {
  /** Name -> path, relative to the buildout if it is below it. */
  paths: ReadonlyMap<string, string>;
  /** Those that come from a source. */
  sources: readonly string[];
}

/**
 * The packages in `develop`, and checked-out packages activated by the user or by `auto-checkout`.
 * `develop` is the option as written. Records in the state which are active.
 */
export function developedPackages(
  { directory, sources, autoCheckout, state: { activations } }: Project,
  develop: string,
): Developed {
  const paths = new Map<string, string>();
  for (const path of words(develop)) {
    paths.set(basename(path.replace(/\/+$/, "")), path);
  }
  const developed: string[] = [];
  for (const [name, { egg, path }] of sources) {
    if (!egg || paths.has(name)) continue;
    const activation = activations.get(name) ?? autoCheckout.has(name);
    if (activation === false || !existsSync(path)) continue;
    if (activation === "auto" && !autoCheckout.has(name)) {
      // It was developed because of auto-checkout, which no longer names it.
      activations.delete(name);
      continue;
    }
    if (!activations.has(name)) activations.set(name, "auto");
    const below = relative(directory, path);
    paths.set(name, below.startsWith("..") ? path : below);
    developed.push(name);
  }
  return { paths, sources: developed };
}
