import type { ErrorCode, WarningCode } from "../errors/codes.ts";
import type { ErrorData } from "./error-data.ts";
import type { LogLevel } from "./levels.ts";

/** A version that was chosen without a pin. */
export interface PickedVersion {
  /** Its name in the section of the pins: the package, or `package@version`. */
  option: string;
  version: string;
  requiredBy: string[];
}

type Kind = "python" | "node";

/** A changed option of a part; an absent value means no such option. */
export interface OptionChange {
  option: string;
  before?: string;
  now?: string;
}

/** Planned changes to the links of develop packages. */
interface PlannedDevelop {
  added: string[];
  removed: string[];
  /** Directories of packages whose setup.py or build backend would have to run first. */
  asked: string[];
}

/** The planned action for a part, and the reason. */
export interface PlannedPart {
  action: "install" | "reinstall" | "update" | "uninstall";
  part: string;
  recipe: string;
  /** For a part that is reinstalled. */
  changes?: OptionChange[];
  /** Missing files of the part. */
  missing?: string[];
  /** Whether the recipe, or a distribution that it uses, has changed. */
  recipeChanged?: boolean;
  /** Why the options cannot be known before the run. */
  unknown?: string;
}

/** Events of an engine run, explained in `docs/events.md`. Their texts are in `report/engine-text.ts`. */
export type EngineEvent =
  // The configuration.
  | { type: "notice"; message: string }
  | { type: "configured"; directory: string; logLevel: number; logFormat: string }
  | { type: "configuration"; sections: { name: string; options: Record<string, string> }[] }
  | {
      type: "warning";
      code: ErrorCode | WarningCode;
      message: string;
      file?: string;
      line?: number;
    }
  | { type: "socket-timeout"; value: string; seconds?: number }
  | { type: "unused-options"; section: string; options: string[] }
  // Files and directories.
  | { type: "directory-creating"; path: string }
  | { type: "file-creating"; path: string }
  | { type: "script-generated"; path: string }
  | { type: "buildout-running"; directory: string; pid?: number; since?: string }
  | { type: "waiting"; directory: string; pid?: number }
  // Develop packages.
  | { type: "develop"; path: string }
  | { type: "develop-missing"; path: string }
  | { type: "developed"; kind: Kind; name: string; version: string; directory: string }
  // Parts.
  | ({ type: "part-changed"; part: string } & OptionChange)
  | { type: "part-uninstalling"; part: string; reason: "changed" | "unwanted" }
  | { type: "part-recipe-gone"; part: string; recipe: string; message: string }
  | { type: "part-uninstall-recipe"; part: string }
  | { type: "part-uninstalled"; part: string }
  | { type: "part-installing"; part: string; recipe: string }
  | { type: "part-without-paths"; part: string }
  | { type: "part-installed"; part: string; paths: string[] }
  | { type: "part-updating"; part: string; recipe: string }
  | { type: "part-without-update"; part: string }
  | { type: "part-updated"; part: string; paths: string[] }
  | { type: "part-kept"; part: string }
  | { type: "part-not-cleaned"; part: string; path: string }
  // Distributions and downloads.
  | { type: "pip-preparing"; executable: string }
  | { type: "distribution-getting"; kind: Kind; requirement: string }
  | { type: "distribution-got"; kind: Kind; name: string; version: string; picked: boolean }
  | { type: "distribution-built"; kind: Kind; name: string; version: string; path: string }
  | { type: "downloaded"; url: string; path: string; bytes: number }
  | { type: "versions-picked"; versions: PickedVersion[] }
  | { type: "versions-written"; path: string }
  // Output of programs and recipes.
  | { type: "setup-running"; script: string }
  | { type: "output"; program: string; line: string }
  | { type: "log"; level: LogLevel; part?: string; message: string }
  | { type: "print"; text: string }
  // A plan: nothing was changed.
  | { type: "plan"; parts: PlannedPart[]; develop: PlannedDevelop }
  // The end.
  | ({ type: "error" } & ErrorData)
  | { type: "done"; ok: boolean };
