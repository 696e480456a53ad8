/** A package as buildout counts it: something with a name and one exact version. */
export interface Distribution {
  kind: "node" | "python";
  name: string;
  version: string;
  /** `name version` of what asked for it, where that is known. */
  requiredBy?: string[];
  /** Whether its version was chosen freely, where that is known. */
  picked?: boolean;
}

/** A package developed in this buildout: a folder that `develop` names. */
export interface DevelopPackage {
  kind: "node" | "python";
  name: string;
  /** The version its own metadata declares. */
  version: string;
  /** Absolute path. */
  folder: string;
}

/** A develop package as one file, ready to be installed elsewhere. */
export interface Release {
  name: string;
  /** Declared version plus the hash of the content, as in `1.2.0+h0a1b2c3d4e5f`. */
  version: string;
  /** Absolute path of the archive. */
  file: string;
  /** False when an archive of this hash was already there. */
  built: boolean;
  source: DevelopPackage;
}
