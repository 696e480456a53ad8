import type { Configuration } from "../config/merge/configuration.ts";
import type { DevelopPackage } from "../distributions/distribution.ts";
import type { EngineEvent, PickedVersion } from "../events/engine.ts";
import type { Reporter } from "../events/reporter.ts";
import type { Extension, ExtensionContext, ExtensionTable } from "./extension.ts";
import type { FoundRecipe } from "./found-recipe.ts";
import type { RecipeTable } from "./recipe.ts";
import type { Settings } from "./settings.ts";

/** The modules that loaded code imports by these names, wherever that code lies. */
export type PublicApi = () => Promise<Readonly<Record<string, object>>>;

/** What output has to go through before anybody sees it; a run that reads secrets replaces `hide`. */
export interface Shown {
  hide(text: string): string;
}

/** What one run of the engine is given. */
export interface BuildoutRequest {
  configuration: Configuration;
  /** Takes what the run tells. */
  report: Reporter<EngineEvent>;
  /** Native recipes by name. */
  recipes: RecipeTable;
  /** Native extensions by name. */
  extensions?: ExtensionTable;
  /** What loaded recipes get when they import the public API. */
  api: PublicApi;
  /** Aborted when the user interrupts the run. */
  signal?: AbortSignal;
  /** Learns what no output may contain. */
  shown?: Shown;
  /** Milliseconds to wait for another buildout in the directory; without it there is no limit. */
  lockWait?: number | undefined;
  /**
   * Learns at the end of an installation which paths, absolute, decide whether the next one would do
   * anything; not called where nobody can tell.
   */
  onSettled?: ((paths: readonly string[]) => void) | undefined;
  /**
   * The run only looks at what it would do, and changes nothing but this folder, absolute, which
   * stands in for the one of develop eggs. `place`: the buildout directory that this one stands for.
   */
  planning?: { developEggsDirectory: string; place?: string | undefined };
}

/** The recipes and extensions of one run that are written in Python. */
export interface PythonCodes {
  /** The recipe that a distribution declares as `entry`; `requirement` is PEP 508. */
  find(requirement: string, entry: string): Promise<FoundRecipe>;
  /** The extensions in what `names` need. */
  extensions(names: readonly string[]): Promise<Extension[]>;
  /**
   * Tells extensions that listen what the run has installed. If one of them reports the picked
   * versions in the engine's place, `report` has it do so.
   */
  finish(): Promise<{ report(): Promise<void> } | undefined>;
  close(): Promise<void>;
}

/**
 * The buildout as the engine's own rooms see it: the lookup of recipes, the Python worker, the
 * packages. It is the widest of three views; an extension and a recipe see less of the same.
 */
export interface EngineContext extends ExtensionContext {
  readonly request: BuildoutRequest;
  readonly report: Reporter<EngineEvent>;
  /** What `[buildout]` says; while it is resolved, as far as that needs no recipe. */
  readonly settings: Settings;
  /** False while `[buildout]` is resolved. */
  readonly isInitialized: boolean;
  /** Puts other pins in force. */
  setVersions(versions: ReadonlyMap<string, string>): void;
  setDevelopPackages(packages: readonly DevelopPackage[]): void;
  /** Adds a develop package, in place of the one of its kind in the same folder. */
  addDevelopPackage(added: DevelopPackage): void;
  /** The versions that no pin chose. */
  pickedVersions(): Promise<PickedVersion[]>;
  /** Reports them, as `show-picked-versions` and `update-versions-file` say. */
  reportPicked(): Promise<void>;
  /** Begun when it is first asked for. */
  pythonRecipes(): Promise<PythonCodes>;
}
