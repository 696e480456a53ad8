import type { Section } from "../config/resolve/section.ts";
import type { DevelopPackage, Distribution } from "../distributions/distribution.ts";
import type { ExtensionBuild } from "../distributions/python/extension-build.ts";
import type { PythonDistribution } from "../distributions/python/python-distribution.ts";
import type { ErrorCode, WarningCode } from "../errors/codes.ts";
import type { EngineEvent } from "../events/engine.ts";
import type { Log } from "../events/log.ts";
import type { Reporter } from "../events/reporter.ts";

type OptionType = "string" | "path" | "boolean" | "lines" | "words";

/** The declaration of an option of a recipe. */
export interface OptionSpec {
  /** Default "string". A path becomes absolute, relative to the buildout directory. */
  type?: OptionType;
  required?: boolean;
  /** Used if the option is missing, in cfg syntax. */
  default?: string;
  /** Neither recorded in `.installed.cfg` nor printed. */
  secret?: boolean;
  description?: string;
}

export type OptionSpecs = Record<string, OptionSpec>;

type Typed<T extends OptionSpec> = T extends { type: "boolean" }
  ? boolean
  : T extends { type: "lines" | "words" }
    ? string[]
    : string;

/** The declared options as values; optional ones without a default are `undefined` if missing. */
export type OptionValues<S extends OptionSpecs> = {
  [K in keyof S]: S[K] extends { required: true } | { default: string }
    ? Typed<S[K]>
    : Typed<S[K]> | undefined;
};

/** Settings of a working set that override `[buildout]`. */
export interface WorkingSetOptions {
  /** Absolute path of the interpreter. */
  executable?: string;
  findLinks?: readonly string[];
  index?: string;
  eggsDirectory?: string;
  developEggsDirectory?: string;
  /** Pins that replace the current ones: name -> version. */
  versions?: ReadonlyMap<string, string>;
  /** Distributions to treat as installed: name -> version. */
  provided?: ReadonlyMap<string, string>;
  /** The requester, for messages. Default: the buildout. */
  asker?: string;
}

/** The buildout as seen by a recipe. */
export interface BuildoutContext {
  /** `${buildout:directory}` and its directories, absolute. */
  readonly directory: string;
  /** The directory that this one represents: while planning a deployment, that of the host. */
  readonly place: string;
  readonly binDirectory: string;
  readonly partsDirectory: string;
  readonly eggsDirectory: string;
  readonly developEggsDirectory: string;
  /** `${buildout:download-cache}`, absolute, if there is one. */
  readonly downloadCache: string | undefined;
  readonly offline: boolean;
  readonly newest: boolean;
  /** Receives typed events from installers; recipes use `log`. */
  readonly report: Reporter<EngineEvent>;
  /** The engine's own log, whose lines have no part name. */
  readonly log: Log;
  /** Every local configuration file that was read, absolute, in reading order. */
  readonly configurationFiles: readonly string[];
  readonly developPackages: readonly DevelopPackage[];
  /** The pins in force: the section that `versions` names. */
  readonly versions: ReadonlyMap<string, string>;
  /** Part names in installation order, as far as it is known. */
  readonly parts: readonly string[];
  has(section: string): boolean;
  names(): string[];
  /** A section with its references resolved; a part is initialized first. */
  section(name: string): Promise<Section>;
  /** A text with `${secrets:NAME}` in place of each secret that the run has read. */
  secretReferences(text: string): string;
  /** What the recipes of all parts have installed, including develop packages. */
  distributions(): Promise<Distribution[]>;
  /**
   * The Python distributions that satisfy the requirements (PEP 508) with their dependencies, in the order
   * of sys.path; installed if missing.
   */
  workingSet(
    requirements: readonly string[],
    options?: WorkingSetOptions,
  ): Promise<PythonDistribution[]>;
  /**
   * Builds a Python distribution from source with its own settings for C extensions, as an egg in the
   * develop-eggs directory, without dependencies. Returns the egg's directory.
   */
  buildEgg(
    requirement: string,
    build: ExtensionBuild,
    options?: WorkingSetOptions,
  ): Promise<string>;
  /**
   * Develops the Python package in a directory, with its own settings for C extensions. Returns its link in
   * the develop-eggs directory, absolute.
   */
  developPackage(folder: string, build: ExtensionBuild, executable?: string): Promise<string[]>;
  /**
   * The interpreter of a part, absolute: option `python` of the part or of `[buildout]` names a section,
   * whose `executable` it is. A part that builds it is initialized first; `workingSet` checks whether it
   * exists. Throws `missing-option`, `interpreter-missing`.
   */
  pythonExecutable(part: Section): Promise<string>;
  /**
   * Lets a different recipe prepare a part; returns that recipe with its result, to install it with the
   * part. Throws `missing-recipe`.
   */
  addRecipe(part: Part, recipe: string): Promise<RecipeDefinition>;
}

/** A part, passed to every function of its recipe. */
export interface Part<S extends OptionSpecs = OptionSpecs> {
  readonly name: string;
  /** The entry after the recipe's name: `scripts` in `zc.recipe.egg:scripts`, else `default`. */
  readonly entry: string;
  /** All options of the section, as strings. */
  readonly options: Section;
  /** The options that the recipe declares, converted. */
  readonly values: OptionValues<S>;
  readonly buildout: BuildoutContext;
  readonly log: Log;
  /** Records created paths, so that they are removed if the installation fails. Returns all so far. */
  created(...paths: string[]): string[];
}

/** Paths that now belong to the part, absolute or relative to the buildout directory. */
export type InstalledPaths = string | readonly string[] | undefined;

/** A section as passed to its recipe by `lint`, before anything runs. */
export interface LintContext {
  /** The section that uses the recipe. */
  readonly name: string;
  /** The buildout directory. */
  readonly directory: string;
  /** The options of a section, with references resolved if possible; undefined if missing. */
  section(name: string): ReadonlyMap<string, string> | undefined;
}

/** A problem that a recipe reports for a section. An error would make something fail. */
export interface LintProblem {
  severity: "error" | "warning";
  code: ErrorCode | WarningCode;
  section: string;
  /** The option whose line to show; default: the section's. */
  option?: string;
  message: string;
  hint: string;
}

/** Paths that determine whether an update does anything; undefined if unknown. */
type Settled = readonly string[] | undefined;

/** A recipe. `P` is the result of its `init`, passed to later functions: each engine run keeps it with the part. */
export interface RecipeDefinition<S extends OptionSpecs = OptionSpecs, P = void> {
  description: string;
  /**
   * Increase it if parts installed by an older version of the recipe must be reinstalled. Default 1. Only
   * for native recipes; others are identified by content or package version.
   */
  version?: number;
  options?: S;
  /** True: it only reads declared options, so that `lint` can report unused ones. */
  readsOnlyDeclared?: boolean;
  /** Returns findings of `buildout lint` for a section that uses the recipe. */
  lint?(context: LintContext): LintProblem[];
  /** Runs when the part is first referred to; options set here are visible to later references. */
  init?(part: Part<S>): P | Promise<P>;
  install(part: Part<S>, prepared: P): InstalledPaths | Promise<InstalledPaths>;
  /** Runs instead of `install` if nothing changed. By default, `install` runs again. */
  // biome-ignore lint/suspicious/noConfusingVoidType: an update that returns nothing is the common case
  update?(part: Part<S>, prepared: P): InstalledPaths | void | Promise<InstalledPaths | void>;
  /**
   * The paths that `update` reads, absolute or relative to the buildout directory, besides those that the
   * part has installed and its declared distributions: if none of these and no option has changed, `update`
   * does nothing. Undefined, or no such function: unknown. A deployment skips the buildout if all parts are
   * settled.
   */
  settled?(part: Part<S>, prepared: P): Settled | Promise<Settled>;
  /**
   * Runs before the part's paths are removed, with the part's record in `.installed.cfg`. If it returns
   * paths, these are removed and the others stay.
   */
  uninstall?(
    name: string,
    options: ReadonlyMap<string, string>,
    log: Log,
    // biome-ignore lint/suspicious/noConfusingVoidType: one that returns nothing is the common case
  ): InstalledPaths | void | Promise<InstalledPaths | void>;
  /** The part's distributions after installation, for `hostoutversions.cfg`. */
  distributions?(part: Part<S>, prepared: P): Promise<Distribution[]>;
}

/** Declares a recipe. Returns it unchanged; the call infers the types of options. */
export function defineRecipe<const S extends OptionSpecs, P = void>(
  definition: RecipeDefinition<S, P>,
): RecipeDefinition<S, P> {
  return definition;
}

/** A recipe as run by the engine, with any options and `init`. */
export type AnyRecipe = RecipeDefinition<OptionSpecs, unknown>;

/** Loads the code of one recipe, when a part first needs it. */
export type RecipeLoader = () => Promise<{ default: AnyRecipe }>;

/** Native recipes: `name` or `name:entry` -> loader. Handed to the engine by the command line. */
export type RecipeTable = ReadonlyMap<string, RecipeLoader>;
