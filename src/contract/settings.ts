interface LogSettings {
  /** Messages below this number are dropped. */
  readonly level: number;
  /** `[buildout] log-format`; empty: zc.buildout's own form. */
  readonly format: string;
}

/** The engine's own settings from `[buildout]`. Directories are absolute. */
export interface Settings {
  readonly directory: string;
  readonly binDirectory: string;
  readonly partsDirectory: string;
  readonly eggsDirectory: string;
  readonly developEggsDirectory: string;
  readonly downloadCache: string | undefined;
  readonly extendsCache: string | undefined;
  /** `.installed.cfg`; undefined for `installed =`: nothing is recorded. */
  readonly installed: string | undefined;
  readonly offline: boolean;
  readonly newest: boolean;
  readonly log: LogSettings;
  /** `socket-timeout` as written. */
  readonly socketTimeout: string;
  allowsNative(recipe: string): boolean;
  readonly python: PackageSettings;
}

/** How Python distributions are found and installed. */
export interface PackageSettings {
  /** As written; empty if no interpreter was found. */
  readonly executable: string;
  readonly index: string | undefined;
  readonly findLinks: readonly string[];
  readonly allowHosts: readonly string[];
  readonly preferFinal: boolean;
  readonly allowPicked: boolean;
  readonly allowUnknownExtras: boolean;
  readonly useDependencyLinks: boolean;
  readonly installFromCache: boolean;
  /** As written. */
  readonly installer: string;
}
