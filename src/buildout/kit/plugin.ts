import { join } from "node:path";
import type { BuildoutContext } from "../../contract/recipe.ts";
import { findInstalledPackage, readEnginePackage } from "./packages.ts";

/** A hostout plugin: options for the parts that extend it, and a fabfile with commands. */
export interface Plugin {
  /** Defaults for options of the part. */
  options: ReadonlyMap<string, string>;
  /** Absolute path. */
  fabfile: string;
}

/**
 * The plugin that a develop package or an installed npm package declares as
 * `"hostout": {"fabfile": "./fabfile.js", "options": {...}}`; undefined if there is none.
 */
export function findPlugin(
  name: string,
  { directory, developPackages }: Pick<BuildoutContext, "directory" | "developPackages">,
): Plugin | undefined {
  const developed = developPackages.find((one) => one.kind === "node" && one.name === name);
  const found = developed
    ? readEnginePackage(developed.folder)
    : findInstalledPackage(directory, name);
  if (found?.plugin === undefined) return undefined;
  return {
    options: new Map(Object.entries(found.plugin.options)),
    fabfile: join(found.folder, found.plugin.fabfile),
  };
}
