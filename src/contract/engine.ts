import type { Configuration } from "../config/merge/configuration.ts";
import type { DevelopPackage } from "../distributions/distribution.ts";
import type { EngineEvent, PickedVersion } from "../events/engine.ts";
import type { Reporter } from "../events/reporter.ts";
import type { Extension, ExtensionContext, ExtensionTable } from "./extension.ts";
import type { FoundRecipe } from "./found-recipe.ts";
import type { RecipeTable } from "./recipe.ts";
import type { Settings } from "./settings.ts";

/** Modules that loaded code can import by these names from anywhere. */
export type PublicApi = () => Promise<Readonly<Record<string, object>>>;

/** All output goes through this; a run that reads secrets replaces `hide`. */
export interface Shown {
  hide(text: string): string;
}

/** Where code that was compiled in one run is kept for the next. */
export interface CompiledPlaces {
  /** The state of the program whose code it is. */
  key: string;
  /** Directories to look in; only files that belong to the owner, and only to them, may be used. */
  read: readonly { folder: string; owner: number }[];
  /** The directory for new files, and their mode; undefined: nothing is kept. */
  write: string | undefined;
  mode: number;
}

/** The inputs of one engine run. */
export interface BuildoutRequest {
  configuration: Configuration;
  /** Receives the events of the run. */
  report: Reporter<EngineEvent>;
  /** Native recipes by name. */
  recipes: RecipeTable;
  /** Native extensions by name. */
  extensions?: ExtensionTable;
  /** The module that loaded recipes get when they import the public API. */
  api: PublicApi;
  /** Aborted when the user interrupts the run. */
  signal?: AbortSignal;
  /** Collects what output must not contain. */
  shown?: Shown;
  /** Milliseconds to wait for another buildout in the directory; default: no limit. */
  lockWait?: number | undefined;
  /**
   * Called at the end of an installation with the absolute paths that determine whether the next one would
   * do anything; not called if unknown.
   */
  onSettled?: ((paths: readonly string[]) => void) | undefined;
  /** Where the code of our Python modules is kept; otherwise, each run compiles it. */
  compiled?: (() => CompiledPlaces) | undefined;
  /**
   * Plan only: changes nothing but this absolute directory, which replaces that of develop eggs. `place`:
   * the buildout directory that this one represents.
   */
  planning?: { developEggsDirectory: string; place?: string | undefined };
}

/** The Python recipes and extensions of one run. */
export interface PythonCodes {
  /** The recipe that a distribution declares as `entry`; `requirement` is PEP 508. */
  find(requirement: string, entry: string): Promise<FoundRecipe>;
  /** The extensions in the working set of `names`. */
  extensions(names: readonly string[]): Promise<Extension[]>;
  /**
   * Notifies extensions of what the run has installed. With `report`, one that reports picked versions in
   * place of the engine does so.
   */
  finish(): Promise<{ report(): Promise<void> } | undefined>;
  close(): Promise<void>;
}

/**
 * The buildout as seen by the engine itself: the lookup of recipes, the Python worker, the packages. The
 * widest of three views; extensions and recipes see less.
 */
export interface EngineContext extends ExtensionContext {
  readonly request: BuildoutRequest;
  readonly report: Reporter<EngineEvent>;
  /** The settings of `[buildout]`; while it is being resolved, only those that need no recipe. */
  readonly settings: Settings;
  /** False while `[buildout]` is being resolved. */
  readonly isInitialized: boolean;
  /** Replaces the pins. */
  setVersions(versions: ReadonlyMap<string, string>): void;
  setDevelopPackages(packages: readonly DevelopPackage[]): void;
  /** Adds a develop package, replacing one of the same kind in the same directory. */
  addDevelopPackage(added: DevelopPackage): void;
  /** The versions that were picked without a pin. */
  pickedVersions(): Promise<PickedVersion[]>;
  /** Reports them, as `show-picked-versions` and `update-versions-file` say. */
  reportPicked(): Promise<void>;
  /** Started on first use. */
  pythonRecipes(): Promise<PythonCodes>;
}
