import type { Location } from "../../../errors/error.ts";
import type { EngineEvent } from "../../../events/engine.ts";
import type { Reporter } from "../../../events/reporter.ts";
import type { Pips } from "../installers/pip-command.ts";
import type { Interpreter } from "../interpreter.ts";
import type { Pins } from "../pins.ts";
import type { PythonDevelopPackage } from "../python-distribution.ts";

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
  /** Where a pin is written, for messages. */
  locatePin?(option: string): Location | undefined;
  /** Distributions that count as installed though they are not: name -> version. */
  provided?: ReadonlyMap<string, string>;
  /** URLs, or paths from `directory`. */
  findLinks: readonly string[];
  /** URL or path; undefined: what the user's own pip settings say. */
  index: string | undefined;
  /** Patterns of host names. */
  allowHosts: readonly string[];
  newest: boolean;
  offline: boolean;
  preferFinal: boolean;
  /** False: every version must be pinned (`allow-picked-versions = false`). */
  allowPicked: boolean;
  /** True: extras that a distribution does not have are passed over. */
  allowUnknownExtras?: boolean;
  /** False: `dependency_links`, which are never followed, are not warned about either. */
  useDependencyLinks: boolean;
  installFromCache: boolean;
  downloadCache: string | undefined;
  installer: "auto" | "pip" | "uv";
  /** Of the run that asks. */
  pips: Pips;
  /** Of the network, in seconds. */
  timeout?: number | undefined;
  /** Who asks, for messages: a part. */
  asker: string;
  /** The buildout's folder. */
  directory: string;
  report: Reporter<EngineEvent>;
}

/** What is known before anything is installed. */
export interface Situation {
  request: PythonInstallRequest;
  interpreter: Interpreter;
  pins: Pins;
  /** Normalized names. */
  provided: ReadonlySet<string>;
}
