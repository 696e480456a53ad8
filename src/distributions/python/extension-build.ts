import { createHash } from "node:crypto";
import { writeFile } from "node:fs/promises";
import path from "node:path";

/** How to build C extensions. */
export interface ExtensionBuild {
  /** Options of setuptools' command `build_ext`, such as `include-dirs`. */
  settings: ReadonlyMap<string, string>;
  /** Environment variables of the build. */
  environment: Readonly<Record<string, string>>;
}

/**
 * The environment that makes setuptools (62 or newer) use `build`: it reads a configuration file, written
 * to `folder`, after the package's own setup.cfg.
 */
export async function buildEnvironment(
  { settings, environment }: ExtensionBuild,
  folder: string,
): Promise<Record<string, string>> {
  const file = path.join(folder, "extensions.cfg");
  const lines = [...settings].map(
    ([name, value]) => `${name.replaceAll("-", "_")} = ${value.replaceAll("\n", "\n\t")}\n`,
  );
  await writeFile(file, `[build_ext]\n${lines.join("")}`);
  // Do not use a wheel built earlier with other settings.
  return { ...environment, DIST_EXTRA_CONFIG: file, PIP_NO_CACHE_DIR: "1" };
}

/** A string that identifies the build settings. */
export function buildStamp({ settings, environment }: ExtensionBuild): string {
  const all = JSON.stringify([[...settings], Object.entries(environment)]);
  return createHash("sha256").update(all).digest("hex");
}
