import { existsSync } from "node:fs";
import { homedir } from "node:os";
import { BuildoutError } from "../../errors/error.ts";
import { didYouMean } from "../../errors/nearest.ts";
import {
  absolute,
  basename,
  dirname,
  expandUser,
  isAbsolute,
  isUrl,
  join,
} from "../../pythonic/path.ts";
import { words } from "../../pythonic/text.ts";
import { abiTag, evaluateCondition } from "../conditions/condition.ts";
import type { Python } from "../conditions/facts.ts";
import { findPython, interpreter } from "../conditions/interpreter.ts";
import { Downloader, type Get } from "../download/downloader.ts";
import { readBoolean } from "../syntax/boolean.ts";
import { type Assignment, assignedSections } from "./assignments.ts";
import { type Configuration, locator, rangeFinder, type Warning } from "./configuration.ts";
import { defaultOptions, OLDEST_EGG_RECIPE, REFERENCE_VERSION } from "./defaults.ts";
import { DeferredMap } from "./deferred-map.ts";
import { isThere, type Reader, readRoot } from "./extends.ts";
import { copySections, mergeSections, noSections, type Options, type Sections } from "./merge.ts";
import {
  COMPUTED_VALUE,
  DEFAULT_VALUE,
  isNamedSource,
  latest,
  makeDirectory,
  setOption,
} from "./option.ts";
import { locatedAt, placeOf } from "./place.ts";

export interface LoadRequest {
  /** The working directory, absolute. */
  directory: string;
  /** The main file, relative to `directory`, or its URL. Undefined: none, as for `setup`. */
  file: string | undefined;
  /** The command line's assignments, in the order given. */
  assignments: readonly Assignment[];
  /** Whether `default.cfg` in BUILDOUT_HOME or `~/.buildout` goes below the files. */
  userDefaults: boolean;
  env: Readonly<Record<string, string | undefined>>;
  /** The Python interpreter for conditions. */
  executable?: string;
  /** The same with known answers. */
  python?: Python;
  /** Unsaved contents, by the absolute path of their file, which need not exist. Extended files can be among them. */
  overlay?: ReadonlyMap<string, string>;
  /** Fetches URLs; default: HTTP and HTTPS. */
  get?: Get;
  /**
   * Called for each problem; loading continues without the affected line, section or file. Without this
   * function, the first error is thrown.
   */
  onError?(error: BuildoutError): void;
  /** Called for notices that are not warnings, such as missing optional files. */
  notify?(notice: string): void;
}

/** Options that are directories relative to the file that sets them. */
const FILE_RELATIVE = ["download-cache", "eggs-directory", "extends-cache"];

/** Options that are directories relative to the buildout's directory. */
const BUILDOUT_RELATIVE = [
  "bin-directory",
  "parts-directory",
  "eggs-directory",
  "develop-eggs-directory",
];

function hasReference(value: string): boolean {
  return value.includes("${");
}

/** The section with the pins, created unless another one is named. Throws `missing-section`. */
function addPins(data: Sections, buildout: Options): void {
  const pin = (requirement: string) => setOption(requirement, { source: DEFAULT_VALUE });
  if (!buildout.has("versions")) {
    buildout.set("versions", pin("versions"));
    if (!data.has("versions")) data.set("versions", new Map());
  }
  const setting = buildout.get("versions")!;
  if (setting.value === "") return;
  const versions = data.get(setting.value);
  if (versions === undefined) {
    const hint = didYouMean(setting.value, data.keys());
    throw new BuildoutError(
      "missing-section",
      `The section '${setting.value}', which [buildout] names as its versions, was not defined.`,
      {
        ...locatedAt(latest(setting)),
        ...(hint && { hint }),
      },
    );
  }
  if (!versions.has("zc.buildout")) versions.set("zc.buildout", pin(`>=${REFERENCE_VERSION}`));
  if (!versions.has("zc.recipe.egg")) versions.set("zc.recipe.egg", pin(`>=${OLDEST_EGG_RECIPE}`));
}

function makeDirectoriesAbsolute(buildout: Options, home: string, directory: string): void {
  for (const name of FILE_RELATIVE) {
    const option = buildout.get(name);
    if (option === undefined || hasReference(option.value) || isAbsolute(option.value)) continue;
    const { source } = latest(option);
    if (isUrl(source)) {
      throw new BuildoutError(
        "ambiguous-directory",
        `Setting "${name}" to a non absolute location ("${option.value}") within a\n` +
          `remote configuration file ("${source}") is ambiguous.`,
        locatedAt(latest(option)),
      );
    }
    const base = isNamedSource(source)
      ? (buildout.get("directory")?.value ?? directory)
      : dirname(source);
    const path = join(base, expandUser(option.value, home));
    buildout.set(name, makeDirectory(option, absolute(path, directory)));
  }
}

function rawValues(data: Sections): Configuration["sections"] {
  const sections = new DeferredMap<Map<string, string>>();
  for (const section of data.keys()) {
    sections.defer(section, () => {
      const values = new Map<string, string>();
      for (const [name, { value }] of data.get(section)!) values.set(name, value);
      return values;
    });
  }
  return sections;
}

function checkSettings(configuration: Configuration): void {
  const buildout = configuration.sections.get("buildout")!;
  const locate = (option: string) => configuration.location("buildout", option);
  if (buildout.has("directory")) {
    for (const name of BUILDOUT_RELATIVE) {
      const value = buildout.get(name)!;
      if (!hasReference(value)) buildout.set(name, join(buildout.get("directory")!, value));
    }
  }
  if (!readBoolean(buildout, "offline", undefined, locate)) {
    readBoolean(buildout, "newest", undefined, locate);
  }
}

/** `[buildout]` before any file is read, and the main file's absolute path or URL. Throws `missing-file`. */
function beginning(request: LoadRequest, executable: string): { data: Sections; file?: string } {
  const defaults = defaultOptions(executable);
  const data = noSections().set("buildout", defaults);
  const directory = (path: string) => {
    defaults.set("directory", setOption(path, { source: COMPUTED_VALUE }));
  };
  if (request.file === undefined) {
    directory(".");
    return { data };
  }
  if (isUrl(request.file)) return { data, file: request.file };
  const file = absolute(request.file, request.directory);
  if (request.overlay?.has(file) !== true && !existsSync(file)) {
    throw new BuildoutError("missing-file", `Couldn't open ${file}`, {
      hint: "Name the configuration with -c, or run 'buildout init' to create one.",
    });
  }
  directory(dirname(file));
  return { data, file };
}

/** Merges user defaults, files and the command line into `data`, in this order. */
async function mergeAll(
  request: LoadRequest,
  reader: Reader,
  data: Sections,
  file: string | undefined,
): Promise<void> {
  const assigned = assignedSections(request.assignments);
  const overrides = new Map(assigned.get("buildout"));
  const userFile = userConfiguration(request.env);
  let userDefaults: Sections | undefined;
  // The settings for opening files, which no file can change.
  let settings = new Map(data.get("buildout"));
  if (request.userDefaults && isThere(reader, userFile)) {
    userDefaults = await readRoot(reader, userFile, settings, overrides);
    const below = copySections(data);
    mergeSections(below, userDefaults);
    settings = below.get("buildout")!;
  }
  if (file !== undefined) {
    mergeSections(data, await readRoot(reader, file, settings, overrides, userDefaults));
  }
  const further = assigned.get("buildout")?.get("extends");
  assigned.get("buildout")?.delete("extends");
  for (const name of words(further?.value ?? "")) {
    const source = join(dirname(name), basename(name));
    mergeSections(data, await readRoot(reader, source, settings, overrides, userDefaults));
  }
  mergeSections(data, assigned, reader.onCutName);
}

function homeOf(env: LoadRequest["env"]): string {
  return env.HOME ?? homedir();
}

/** The user's default options, which need not exist. */
export function userConfiguration(env: LoadRequest["env"]): string {
  return join(env.BUILDOUT_HOME ?? join(homeOf(env), ".buildout"), "default.cfg");
}

/** Runs `action`; passes errors to the request's `onError`, if any. */
function attempt<Result>(
  { onError }: LoadRequest,
  action: () => Result,
  otherwise: Result,
): Result {
  try {
    return action();
  } catch (error) {
    if (onError === undefined || !(error instanceof BuildoutError)) throw error;
    onError(error);
    return otherwise;
  }
}

async function loadAll(request: LoadRequest): Promise<Configuration> {
  const { directory, env } = request;
  const executable = request.executable ?? findPython(env);
  const python = request.python ?? interpreter(executable, env, directory);
  const warnings: Warning[] = [];
  const downloader = new Downloader(env, directory, request.get, (url, reason) => {
    const message = `The cached copy of ${url} is used: ${reason}`;
    warnings.push({ code: "stale-copy", message, location: undefined });
  });
  const reader: Reader = {
    directory,
    overlay: request.overlay ?? new Map(),
    texts: new Map(),
    holds: (expression, location, tail) =>
      attempt(
        request,
        () => evaluateCondition(expression, location, { python, env, directory }, tail),
        false,
      ),
    ...(request.onError && { onError: (error) => request.onError?.(error) }),
    downloader,
    files: new Set(),
    urls: new Set(),
    notices: [],
    notify: (notice) => request.notify?.(notice),
    duplicates: [],
    headers: new Map(),
    onCutName(section, written, name, option) {
      warnings.push({
        code: "cut-name",
        message: `In section '${section}', '${written}=' sets the option '${name}': put a space before the operator.`,
        location: placeOf(latest(option)),
      });
    },
  };
  const { data, file } = beginning(request, executable ?? "");
  try {
    await mergeAll(request, reader, data, file);
  } finally {
    downloader.close();
  }
  const buildout = data.get("buildout")!;
  attempt(request, () => addPins(data, buildout), undefined);
  attempt(request, () => makeDirectoriesAbsolute(buildout, homeOf(env), directory), undefined);
  const configuration: Configuration = {
    directory: buildout.get("directory")?.value ?? "",
    workingDirectory: directory,
    sections: rawValues(data),
    annotated: data,
    files: [...reader.files],
    urls: [...reader.urls],
    warnings,
    duplicates: reader.duplicates,
    abiTag: () => abiTag(python),
    location: locator(data, reader.headers),
    ranges: rangeFinder(reader.texts),
  };
  attempt(request, () => checkSettings(configuration), undefined);
  return configuration;
}

/**
 * Reads a configuration: the main file, everything it extends, the user's defaults and the command line,
 * merged by zc.buildout's rules. Throws a BuildoutError for any problem in them.
 */
export async function load(request: LoadRequest): Promise<Configuration> {
  try {
    return await loadAll(request);
  } catch (error) {
    if (error instanceof BuildoutError) error.while.unshift("Initializing.");
    throw error;
  }
}
