import type { Location } from "../../../errors/error.ts";
import type { EngineEvent } from "../../../events/engine.ts";
import type { Reporter } from "../../../events/reporter.ts";
import type { InstalledFiles } from "../installed-files.ts";
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
  /** The current pins, from the section named by `[buildout] versions`. */
  versions: ReadonlyMap<string, string>;
  /** The location of a pin, for messages. */
  locatePin?(option: string): Location | undefined;
  /** Distributions to treat as installed: name -> version. */
  provided?: ReadonlyMap<string, string>;
  /** URLs, or paths relative to `directory`. */
  findLinks: readonly string[];
  /** URL or path; undefined: from the user's own pip settings. */
  index: string | undefined;
  /** Patterns of host names. */
  allowHosts: readonly string[];
  newest: boolean;
  offline: boolean;
  preferFinal: boolean;
  /** False: every version must be pinned (`allow-picked-versions = false`). */
  allowPicked: boolean;
  /** True: ignore unknown extras. */
  allowUnknownExtras?: boolean;
  /** False: do not warn about `dependency_links`, which are never followed. */
  useDependencyLinks: boolean;
  installFromCache: boolean;
  downloadCache: string | undefined;
  installer: "auto" | "pip" | "uv";
  /** The signal of the run. */
  pips: Pips;
  /** What the run has read of installed distributions. */
  files?: InstalledFiles;
  /** Network timeout in seconds. */
  timeout?: number | undefined;
  /** The requester for messages: a part. */
  asker: string;
  /** The buildout's folder. */
  directory: string;
  report: Reporter<EngineEvent>;
}

/** The known state before anything is installed. */
export interface Situation {
  request: PythonInstallRequest;
  interpreter: Interpreter;
  pins: Pins;
  /** Normalized names. */
  provided: ReadonlySet<string>;
}
