/** A package: a name with one exact version. */
export interface Distribution {
  kind: "node" | "python";
  name: string;
  version: string;
  /** `name version` of the packages that require it, if known. */
  requiredBy?: string[];
  /** Whether its version was picked, if known. */
  picked?: boolean;
}

/** A package developed in this buildout: a directory in `develop`. */
export interface DevelopPackage {
  kind: "node" | "python";
  name: string;
  /** The version declared in its metadata. */
  version: string;
  /** Absolute path. */
  folder: string;
}

/** A develop package as one file, ready to install elsewhere. */
export interface Release {
  name: string;
  /** Declared version plus the hash of the content, as in `1.2.0+h0a1b2c3d4e5f`. */
  version: string;
  /** Absolute path of the archive. */
  file: string;
  /** False if an archive with this hash already existed. */
  built: boolean;
  source: DevelopPackage;
}
