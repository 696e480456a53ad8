interface LogSettings {
  /** Messages below this number are dropped. */
  level: number;
  /** `[buildout] log-format`; empty: zc.buildout's own form. */
  format: string;
}

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
  allowsNative(recipe: string): boolean;
  python: PackageSettings;
}

/** How Python distributions are found and installed. */
export interface PackageSettings {
  /** As written; empty where no interpreter was found. */
  executable: string;
  index: string | undefined;
  findLinks: string[];
  allowHosts: string[];
  preferFinal: boolean;
  allowPicked: boolean;
  allowUnknownExtras: boolean;
  installFromCache: boolean;
  /** As written. */
  installer: string;
}
