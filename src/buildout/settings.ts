import { join } from "node:path";
import type { Section } from "../config/index.ts";
import { BuildoutError, type Location } from "../error/index.ts";
import { LEVELS, type LogSettings } from "./output.ts";
import { fromDirectory } from "./paths.ts";
import { parseBoolean, splitWords } from "./values.ts";

/** What the engine itself reads from `[buildout]`. Folders are absolute. */
export interface Settings {
  directory: string;
  binDirectory: string;
  partsDirectory: string;
  eggsDirectory: string;
  developEggsDirectory: string;
  downloadCache: string | undefined;
  extendsCache: string | undefined;
  /** `.installed.cfg`; undefined for `installed =`: nothing is remembered. */
  installed: string | undefined;
  offline: boolean;
  newest: boolean;
  log: LogSettings;
  /** `socket-timeout` as written. */
  socketTimeout: string;
  /** The section with the pins; empty: none. */
  versions: string;
  allowsNative(recipe: string): boolean;
}

// Known from the start, so that none of them is reported as unused.
const DEFAULT_OPTIONS = [
  "allow-hosts",
  "allow-picked-versions",
  "allow-unknown-extras",
  "bin-directory",
  "develop-eggs-directory",
  "eggs-directory",
  "eggs-directory-version",
  "executable",
  "find-links",
  "install-from-cache",
  "installed",
  "log-format",
  "log-level",
  "newest",
  "offline",
  "parts-directory",
  "prefer-final",
  "python",
  "show-picked-versions",
  "socket-timeout",
  "update-versions-file",
  "use-dependency-links",
];

type Read = (option: string) => string | undefined;

function logLevel(read: Read): number {
  const name = read("log-level") ?? "INFO";
  const named = (LEVELS as Record<string, number>)[name];
  const level = named ?? (/^\s*[-+]?\d+\s*$/.test(name) ? Number(name) : undefined);
  if (level === undefined) {
    throw new BuildoutError("invalid-value", `Invalid logging level ${name}`, {
      hint: `It is a number or one of ${Object.keys(LEVELS).join(", ")}.`,
    });
  }
  const verbosity = read("verbosity") ?? "0";
  if (!/^\s*[-+]?\d+\s*$/.test(verbosity)) {
    throw new BuildoutError("invalid-value", `Invalid verbosity ${verbosity}`);
  }
  return level - Number(verbosity);
}

function nativeRecipes(value: string | undefined): (recipe: string) => boolean {
  if (value === undefined || value === "true") return () => true;
  if (value === "false") return () => false;
  const names = new Set(splitWords(value));
  return (recipe) => names.has(recipe);
}

/**
 * Reads the engine's own options. `read` gives the value of an option of
 * `[buildout]`, `location` where it was set. Throws `invalid-value`.
 */
export function readSettings(
  read: Read,
  location: (option: string) => Location | undefined,
): Settings {
  const directory = read("directory") ?? process.cwd();
  const boolean = (option: string, fallback: string) =>
    parseBoolean(option, read(option) ?? fallback, location(option));
  const folder = (option: string, fallback: string) =>
    fromDirectory(directory, read(option) ?? fallback);
  const optional = (option: string) => {
    const path = read(option);
    return path ? fromDirectory(directory, path) : undefined;
  };

  const offline = boolean("offline", "false");
  const newest = boolean("newest", "true") && !offline;
  for (const option of ["prefer-final", "use-dependency-links", "allow-picked-versions"]) {
    boolean(option, "true");
  }
  boolean("show-picked-versions", "false");
  if (boolean("install-from-cache", "false") && offline) {
    throw new BuildoutError(
      "invalid-value",
      "install-from-cache can't be used with offline mode.\n" +
        "Nothing is installed, even from cache, in offline\n" +
        "mode, which might better be called 'no-install mode'.\n",
    );
  }
  const eggs = folder("eggs-directory", "eggs");
  const eggsVersion = read("eggs-directory-version");
  return {
    directory,
    binDirectory: folder("bin-directory", "bin"),
    partsDirectory: folder("parts-directory", "parts"),
    developEggsDirectory: folder("develop-eggs-directory", "develop-eggs"),
    eggsDirectory: eggsVersion ? join(eggs, eggsVersion) : eggs,
    downloadCache: optional("download-cache"),
    extendsCache: optional("extends-cache"),
    installed: optional("installed"),
    offline,
    newest,
    log: { level: logLevel(read), format: read("log-format") ?? "" },
    socketTimeout: read("socket-timeout") ?? "",
    versions: read("versions") ?? "",
    allowsNative: nativeRecipes(read("native-recipes")),
  };
}

/**
 * Puts the absolute folders into `[buildout]` for everybody who refers to them
 * later, as zc.buildout does, and marks its own options as used.
 */
export function publishSettings(settings: Settings, section: Section): void {
  section.set("bin-directory", settings.binDirectory);
  section.set("parts-directory", settings.partsDirectory);
  section.set("develop-eggs-directory", settings.developEggsDirectory);
  section.set("eggs-directory", settings.eggsDirectory);
  if (settings.installed) section.set("installed", settings.installed);
  for (const option of DEFAULT_OPTIONS) section.get(option);
}
