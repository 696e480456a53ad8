import { createHash } from "node:crypto";
import { writeFile } from "node:fs/promises";
import path from "node:path";

/** How C extensions are built. */
export interface ExtensionBuild {
  /** Options of setuptools' command `build_ext`, such as `include-dirs`. */
  settings: ReadonlyMap<string, string>;
  /** Environment variables of the build. */
  environment: Readonly<Record<string, string>>;
}

/**
 * The environment that makes setuptools (62 or newer) build as `build` says: it reads a
 * configuration file, which is written into `folder`, after the package's own setup.cfg.
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
  // A wheel that was built before, in another way, is not what is wanted.
  return { ...environment, DIST_EXTRA_CONFIG: file, PIP_NO_CACHE_DIR: "1" };
}

/** A text that differs where the builds do. */
export function buildStamp({ settings, environment }: ExtensionBuild): string {
  const all = JSON.stringify([[...settings], Object.entries(environment)]);
  return createHash("sha256").update(all).digest("hex");
}
