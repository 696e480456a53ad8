import { statSync } from "node:fs";
import { BuildoutError } from "../../errors/error.ts";
import { absolute, join } from "../../pythonic/path.ts";
import { repr } from "../../pythonic/text.ts";
import { type Configuration, whileDoing } from "../merge/configuration.ts";
import { DEFAULT_OPTION_NAMES } from "../merge/defaults.ts";
import { readBoolean } from "../syntax/boolean.ts";
import type { Section } from "./section.ts";
import type { Sections } from "./sections.ts";

const LEVELS = ["DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"];
const INTEGER = /^\s*[-+]?\d+(_\d+)*\s*$/;
// At least one replacement field, as required by Python's logging.
const LOG_FIELD = /%\(\w+\)[#0+ -]*(\*|\d+)?(\.(\*|\d+))?[diouxefgcrsa%]/i;

/** Directories in `[buildout]` that are relative to its directory. */
const FOLDER_OPTIONS = [
  "bin-directory",
  "parts-directory",
  "eggs-directory",
  "develop-eggs-directory",
] as const;

/** Makes directories in the resolved `[buildout]` absolute and checks the log options. */
function settle(configuration: Configuration, options: Section): void {
  const directory = options.require("directory");
  for (const name of FOLDER_OPTIONS) options.set(name, join(directory, options.require(name)));
  const layout = options.get("eggs-directory-version") ?? "";
  if (layout !== "") options.set("eggs-directory", join(options.require("eggs-directory"), layout));
  const installed = options.require("installed");
  if (installed !== "") options.set("installed", join(directory, installed));

  const invalid = (option: string, message: string, hint: string) => {
    const location = configuration.location("buildout", option);
    return new BuildoutError("invalid-value", message, { ...(location && { location }), hint });
  };
  const format = options.require("log-format");
  if (format !== "" && !LOG_FIELD.test(format)) {
    throw invalid(
      "log-format",
      `Invalid log format ${repr(format)}`,
      "It must contain %(message)s.",
    );
  }
  const level = options.require("log-level");
  if (!LEVELS.includes(level) && !INTEGER.test(level)) {
    const hint = `Use a number or one of ${LEVELS.join(", ")}.`;
    throw invalid("log-level", `Invalid logging level ${level}`, hint);
  }
  const verbosity = options.get("verbosity") ?? "0";
  if (!INTEGER.test(verbosity)) {
    throw invalid("verbosity", `Invalid verbosity ${verbosity}`, "Use a number.");
  }
}

/** Checks the remaining settings; returns the directories that a run creates, absolute. */
function check(configuration: Configuration, options: Section): string[] {
  const locate = (option: string) => configuration.location("buildout", option);
  for (const name of [
    "prefer-final",
    "use-dependency-links",
    "allow-picked-versions",
    "show-picked-versions",
  ]) {
    readBoolean(options, name, undefined, locate);
  }
  const directory = options.require("directory");
  let eggs = options.require("eggs-directory");
  if (readBoolean(options, "abi-tag-eggs", "false", locate)) {
    eggs = join(eggs, configuration.abiTag());
  }
  options.set("eggs-directory", eggs);
  const folders = [options.get("download-cache"), options.get("extends-cache"), eggs]
    .filter((folder) => folder !== undefined && folder !== "")
    .map((folder) => absolute(join(directory, folder!), configuration.workingDirectory));
  if (readBoolean(options, "install-from-cache", undefined, locate)) {
    if (readBoolean(options, "offline")) {
      throw new BuildoutError(
        "invalid-value",
        "install-from-cache can't be used with offline mode.\n" +
          "Nothing is installed, even from cache, in offline\n" +
          "mode, which might better be called 'no-install mode'.\n",
      );
    }
  }
  for (const name of DEFAULT_OPTION_NAMES) options.require(name);
  return folders;
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
}

/** Checks that the run's directory exists, or will be created by the run. */
function checkDirectory(
  configuration: Configuration,
  options: Section,
  folders: readonly string[],
): void {
  const written = options.require("directory");
  const directory = absolute(written, configuration.workingDirectory);
  const made = folders.some((folder) => `${folder}/`.startsWith(`${directory}/`));
  if (made || isFolder(directory)) return;
  const location = configuration.location("buildout", "directory");
  throw new BuildoutError("missing-directory", `No such directory: ${repr(written)}`, {
    ...(location && { location }),
  });
}

function initializing(error: unknown): unknown {
  return error instanceof BuildoutError ? whileDoing(error, "Initializing.") : error;
}

/**
 * Resolves `[buildout]` and the pins without constructing any recipe, as every command does first, and
 * leaves `[buildout]` as other sections see it: with absolute folders. Returns it. Throws its errors:
 * `invalid-value`, `missing-option`, `missing-directory` and the errors of references.
 */
export function initialize(configuration: Configuration, sections: Sections): Section {
  try {
    const options = sections.resolve("buildout");
    settle(configuration, options);
    const versions = options.get("versions") ?? "";
    if (versions !== "") sections.resolve(versions);
    checkDirectory(configuration, options, check(configuration, options));
    // Sections that [buildout] refers to have seen its directories before they became absolute.
    sections.forgetOthers("buildout");
    return options;
  } catch (error) {
    throw initializing(error);
  }
}

/** The same for a run with recipes: those of sections that `[buildout]` refers to are constructed. */
export async function initializeRun(
  configuration: Configuration,
  sections: Sections,
): Promise<Section> {
  try {
    const options = await sections.section("buildout");
    settle(configuration, options);
    const versions = options.get("versions") ?? "";
    if (versions !== "") await sections.section(versions);
    checkDirectory(configuration, options, check(configuration, options));
    return options;
  } catch (error) {
    throw initializing(error);
  }
}
