import type { Section } from "../config/resolve/section.ts";
import type { Log } from "../events/log.ts";
import type { BuildoutContext } from "./recipe.ts";

/** The buildout as an extension sees it: it may change what no recipe can. */
export interface ExtensionContext extends BuildoutContext {
  /** Whether the run only plans: nothing may be changed, on disk or elsewhere. */
  readonly isPlan: boolean;
  /** Python's number of the level below which messages are dropped: 20 is INFO. */
  readonly logLevel: number;
  /** A log with a name of its own, as a part has. */
  logger(name: string): Log;
  /** Adds a section that no file has, and initialises it. Throws `section-exists`. */
  addSection(name: string, options: Readonly<Record<string, string>>): Promise<Section>;
  /** Takes the pins of these packages away; their names as in `[versions]`, or normalised alike. */
  unpin(names: Iterable<string>): Promise<void>;
}

/** What an extension exports: `default` runs before the folders are made, `unload` at the end. */
export interface Extension {
  default?(buildout: ExtensionContext): void | Promise<void>;
  unload?(buildout: ExtensionContext): void | Promise<void>;
}

/** Native extensions: name -> loader. Handed to the engine by the command line. */
export type ExtensionTable = ReadonlyMap<string, () => Promise<Extension>>;
