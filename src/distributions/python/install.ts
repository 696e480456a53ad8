import { BuildoutError } from "../../error/index.ts";
import type { Log } from "../log.ts";
import type { PythonDevelopPackage, PythonDistribution } from "./distribution.ts";

export interface PythonInstallRequest {
  /** PEP 508. */
  requirements: readonly string[];
  /** Absolute path of the interpreter. */
  executable: string;
  eggsDirectory: string;
  developEggsDirectory: string;
  developPackages: readonly PythonDevelopPackage[];
  /** The pins in force, as in the section that `[buildout] versions` names. */
  versions: ReadonlyMap<string, string>;
  /** Distributions that count as installed though they are not: name -> version. */
  provided?: ReadonlyMap<string, string>;
  findLinks: readonly string[];
  /** URL; undefined: what the user's pip settings say. */
  index: string | undefined;
  /** Patterns of host names. */
  allowHosts: readonly string[];
  newest: boolean;
  offline: boolean;
  preferFinal: boolean;
  allowPicked: boolean;
  installFromCache: boolean;
  downloadCache: string | undefined;
  installer: "auto" | "pip" | "uv";
  /** Who asks, for messages: a part. */
  asker: string;
  /** The buildout's folder. */
  directory: string;
  log: Log;
}

/**
 * The distributions that satisfy the requirements and all they need, installed where they are
 * missing, in the order in which they go on sys.path.
 */
export async function installPythonDistributions(
  request: PythonInstallRequest,
): Promise<PythonDistribution[]> {
  throw new BuildoutError("not-there-yet", `${request.asker} needs Python distributions.`);
}
