import type { Options } from "./merge.ts";
import { DEFAULT_VALUE, setOption } from "./option.ts";

/** The version of zc.buildout whose behavior this is; the pin that every buildout gets. */
export const REFERENCE_VERSION = "5.2.0";

/** The oldest compatible zc.recipe.egg. */
export const OLDEST_EGG_RECIPE = "2.0.6";

const DEFAULTS: [string, string][] = [
  ["allow-hosts", "*"],
  ["allow-picked-versions", "true"],
  ["allow-unknown-extras", "false"],
  ["bin-directory", "bin"],
  ["develop-eggs-directory", "develop-eggs"],
  ["eggs-directory", "eggs"],
  ["eggs-directory-version", "v5"],
  ["find-links", ""],
  ["install-from-cache", "false"],
  ["installed", ".installed.cfg"],
  ["log-format", ""],
  ["log-level", "INFO"],
  ["newest", "true"],
  ["offline", "false"],
  ["parts-directory", "parts"],
  ["prefer-final", "true"],
  ["python", "buildout"],
  ["show-picked-versions", "false"],
  ["socket-timeout", ""],
  ["update-versions-file", ""],
  ["use-dependency-links", "true"],
];

/** `[buildout]` before any file is read; `executable` is the path of the Python interpreter. */
export function defaultOptions(executable: string): Options {
  const options: Options = new Map();
  for (const [name, value] of [...DEFAULTS, ["executable", executable] as const]) {
    options.set(name, setOption(value, { source: DEFAULT_VALUE }));
  }
  return options;
}

/** Names of the options that every buildout has. */
export const DEFAULT_OPTION_NAMES: readonly string[] = [
  ...DEFAULTS.map(([name]) => name),
  "executable",
];
