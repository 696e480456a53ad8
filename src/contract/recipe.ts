import type { Section } from "../config/resolve/section.ts";
import type { DevelopPackage, Distribution } from "../distributions/distribution.ts";
import type { ExtensionBuild } from "../distributions/python/extension-build.ts";
import type { PythonDistribution } from "../distributions/python/python-distribution.ts";
import type { ErrorCode, WarningCode } from "../errors/codes.ts";
import type { EngineEvent } from "../events/engine.ts";
import type { Log } from "../events/log.ts";
import type { Reporter } from "../events/reporter.ts";

type OptionType = "string" | "path" | "boolean" | "lines" | "words";

/** One option of a recipe, as its author declares it. */
export interface OptionSpec {
  /** Default "string". A path becomes absolute, from the buildout directory. */
  type?: OptionType;
  required?: boolean;
  /** Used where the option is missing, in the same notation as in a cfg file. */
  default?: string;
  /** Neither remembered in `.installed.cfg` nor printed. */
  secret?: boolean;
  description?: string;
}

export type OptionSpecs = Record<string, OptionSpec>;

type Typed<T extends OptionSpec> = T extends { type: "boolean" }
  ? boolean
  : T extends { type: "lines" | "words" }
    ? string[]
    : string;

/** The declared options as values; those without default that may be missing are `undefined`. */
export type OptionValues<S extends OptionSpecs> = {
  [K in keyof S]: S[K] extends { required: true } | { default: string }
    ? Typed<S[K]>
    : Typed<S[K]> | undefined;
};

/** How a working set differs from what `[buildout]` says. */
export interface WorkingSetOptions {
  /** Absolute path of the interpreter. */
  executable?: string;
  findLinks?: readonly string[];
  index?: string;
  eggsDirectory?: string;
  developEggsDirectory?: string;
  /** Pins in the place of those in force: name -> version. */
  versions?: ReadonlyMap<string, string>;
  /** Distributions that count as installed though they are not: name -> version. */
  provided?: ReadonlyMap<string, string>;
  /** Who asks, for messages. Default: the buildout. */
  asker?: string;
}

/** The buildout as a recipe sees it. */
export interface BuildoutContext {
  /** `${buildout:directory}` and its folders, absolute. */
  readonly directory: string;
  /** The directory that this one stands for: while a deployment is planned, that of the host. */
  readonly place: string;
  readonly binDirectory: string;
  readonly partsDirectory: string;
  readonly eggsDirectory: string;
  readonly developEggsDirectory: string;
  /** `${buildout:download-cache}`, absolute, if there is one. */
  readonly downloadCache: string | undefined;
  readonly offline: boolean;
  readonly newest: boolean;
  /** Takes typed events, for what installs on behalf of a part; recipes speak through `log`. */
  readonly report: Reporter<EngineEvent>;
  /** The engine's own log, whose lines have no part's name before them. */
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
  /** A section with its references resolved; a part among them is initialised first. */
  section(name: string): Promise<Section>;
  /** A text with `${secrets:NAME}` in the place of each secret that the run has read. */
  secretReferences(text: string): string;
  /** What the recipes of all parts have installed, the develop packages included. */
  distributions(): Promise<Distribution[]>;
  /**
   * The Python distributions that satisfy the requirements (PEP 508) and all they need, in the
   * order in which they go on sys.path; installed where they are missing.
   */
  workingSet(
    requirements: readonly string[],
    options?: WorkingSetOptions,
  ): Promise<PythonDistribution[]>;
  /**
   * Builds a Python distribution from source with settings of its own for its C extensions, into
   * an egg in the develop-eggs folder. What it needs is not installed. Gives the egg's folder.
   */
  buildEgg(
    requirement: string,
    build: ExtensionBuild,
    options?: WorkingSetOptions,
  ): Promise<string>;
  /**
   * Takes the Python package in a folder for one that `develop` names, with settings of its own
   * for its C extensions. Gives what stands for it in the develop-eggs folder, absolute.
   */
  developPackage(folder: string, build: ExtensionBuild, executable?: string): Promise<string[]>;
  /**
   * The interpreter of a part, absolute: option `python` of the part or of `[buildout]` names a
   * section, whose `executable` it is. A part that builds it is brought to life before; whether it
   * is there yet is looked at by `workingSet`. Throws `missing-option`, `interpreter-missing`.
   */
  pythonExecutable(part: Section): Promise<string>;
  /**
   * Lets another recipe than its own prepare a part; returns that recipe with what it has prepared,
   * to install it with the part. Throws `missing-recipe`.
   */
  addRecipe(part: Part, recipe: string): Promise<RecipeDefinition>;
}

/** One part, given to every function of its recipe. */
export interface Part<S extends OptionSpecs = OptionSpecs> {
  readonly name: string;
  /** The entry behind the recipe's name: `scripts` in `zc.recipe.egg:scripts`, else `default`. */
  readonly entry: string;
  /** All options of the section, as strings. */
  readonly options: Section;
  /** The options that the recipe declares, converted. */
  readonly values: OptionValues<S>;
  readonly buildout: BuildoutContext;
  readonly log: Log;
  /** Notes paths as made, so that they go again if the installation fails. Returns all so far. */
  created(...paths: string[]): string[];
}

/** Paths that now belong to the part, absolute or from the buildout directory. */
export type InstalledPaths = string | readonly string[] | undefined;

/** A section as `lint` shows it to its recipe: nothing has run. */
export interface LintContext {
  /** The section that uses the recipe. */
  readonly name: string;
  /** The buildout directory. */
  readonly directory: string;
  /** The options of a section, with the references resolved that can be; undefined if missing. */
  section(name: string): ReadonlyMap<string, string> | undefined;
}

/** What a recipe finds wrong with a section. An error is what would make something fail. */
export interface LintProblem {
  severity: "error" | "warning";
  code: ErrorCode | WarningCode;
  section: string;
  /** The option whose line is shown; without it the section's. */
  option?: string;
  message: string;
  hint: string;
}

/** Paths that decide whether an update does anything; undefined: nobody can tell. */
type Settled = readonly string[] | undefined;

/**
 * A recipe. `P` is what its `init` makes for the functions that run later: each run of the engine
 * keeps it with the part.
 */
export interface RecipeDefinition<S extends OptionSpecs = OptionSpecs, P = void> {
  description: string;
  /**
   * Raised when parts that an older version of the recipe installed must be
   * installed anew. Default 1. Counts for native recipes; others are known by
   * their content or package version.
   */
  version?: number;
  options?: S;
  /** True: it reads no options beside the declared ones, so that `lint` can tell what nobody reads. */
  readsOnlyDeclared?: boolean;
  /** What `buildout lint` says about a section that uses the recipe. */
  lint?(context: LintContext): LintProblem[];
  /** Runs when the part is first referred to; options set here are visible to later references. */
  init?(part: Part<S>): P | Promise<P>;
  install(part: Part<S>, prepared: P): InstalledPaths | Promise<InstalledPaths>;
  /** Runs instead of `install` when nothing changed. Without it `install` runs again. */
  // biome-ignore lint/suspicious/noConfusingVoidType: an update that returns nothing is the common case
  update?(part: Part<S>, prepared: P): InstalledPaths | void | Promise<InstalledPaths | void>;
  /**
   * The paths that `update` looks at, absolute or from the buildout directory, beside those that the
   * part has installed and the distributions that it says it has: where nothing of these has changed,
   * and no option, `update` does nothing. Undefined, or no such function: nobody can tell. A
   * deployment runs no buildout where all parts are settled.
   */
  settled?(part: Part<S>, prepared: P): Settled | Promise<Settled>;
  /**
   * Runs before the part's paths are removed, with what `.installed.cfg` says of the part. If it
   * returns paths, these are removed and the others stay.
   */
  uninstall?(
    name: string,
    options: ReadonlyMap<string, string>,
    log: Log,
    // biome-ignore lint/suspicious/noConfusingVoidType: one that returns nothing is the common case
  ): InstalledPaths | void | Promise<InstalledPaths | void>;
  /** What the part holds after installation, for `hostoutversions.cfg`. */
  distributions?(part: Part<S>, prepared: P): Promise<Distribution[]>;
}

/** Declares a recipe. Returns it as it is; the call gives the options their types. */
export function defineRecipe<const S extends OptionSpecs, P = void>(
  definition: RecipeDefinition<S, P>,
): RecipeDefinition<S, P> {
  return definition;
}

/** A recipe as the engine runs it, whatever its options and its `init` are. */
export type AnyRecipe = RecipeDefinition<OptionSpecs, unknown>;

/** Loads the code of one recipe, when a part first asks for it. */
export type RecipeLoader = () => Promise<{ default: AnyRecipe }>;

/** Native recipes: `name` or `name:entry` -> loader. Handed to the engine by the command line. */
export type RecipeTable = ReadonlyMap<string, RecipeLoader>;
