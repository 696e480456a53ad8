import type { Section } from "../config/resolve/section.ts";
import type { Log } from "../events/log.ts";
import type { BuildoutContext } from "./recipe.ts";

/** The buildout as seen by an extension, which can change more than a recipe. */
export interface ExtensionContext extends BuildoutContext {
  /** Whether the run only plans and must not change anything, on disk or elsewhere. */
  readonly isPlan: boolean;
  /** Python's number of the minimum log level: 20 is INFO. */
  readonly logLevel: number;
  /** A named log, like that of a part. */
  logger(name: string): Log;
  /** Adds a new section and initializes it. Throws `section-exists`. */
  addSection(name: string, options: Readonly<Record<string, string>>): Promise<Section>;
  /** Removes the pins of these packages, named as in `[versions]` or normalized. */
  unpin(names: Iterable<string>): Promise<void>;
}

/** What an extension exports: `default` runs before the directories are created, `unload` at the end. */
export interface Extension {
  default?(buildout: ExtensionContext): void | Promise<void>;
  unload?(buildout: ExtensionContext): void | Promise<void>;
}

/** Native extensions: name -> loader. Handed to the engine by the command line. */
export type ExtensionTable = ReadonlyMap<string, () => Promise<Extension>>;
