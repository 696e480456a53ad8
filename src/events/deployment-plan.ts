import type { PlannedPart } from "./engine.ts";

/** One step of a deployment, in the order in which they are done. */
export type Step =
  /** What an earlier deployment, or an earlier version of the tool, has left is put in order. */
  | { step: "repair"; what: "cut-off" | "former" }
  /** Users, Python or Node, and the engine are installed. */
  | { step: "bootstrap"; why: "missing" | "engine" }
  /** The engine on the host is replaced by the one of this version. */
  | { step: "engine"; file: string }
  /** A shell command of the options. */
  | { step: "command"; when: "before" | "after"; command: string; sudo: boolean }
  | { step: "package"; name: string; version: string; file: string; bytes: number }
  /** The files of a release are put in place; those in `sent` are sent, `removed` go. */
  | {
      step: "release";
      number: number;
      id: string;
      sent: string[];
      removed: string[];
      bytes: number;
      /** The release that the host has all other files of. */
      base?: number;
      /** The directory of its own, below the path, that it gets. */
      directory?: string;
    }
  /** The host builds its configuration, in the directory of the release if it has one. */
  | { step: "build"; configuration: string; directory?: string }
  /** Parts that root builds. */
  | { step: "root-build"; parts: string[]; sudo: boolean }
  /** `current` leads to the directory of this release from now on. */
  | { step: "switch"; number: number; id: string }
  /** The command of `data-version` is asked. */
  | { step: "data-version"; command: string }
  /** The application is asked until it is healthy so many times in a row, or the seconds are over. */
  | { step: "health"; check: string; passes: number; timeout: number };

export interface PlannedPackage {
  change: "added" | "changed" | "removed";
  name: string;
  before?: string;
  now?: string;
  /** To send; without it the host has the file. */
  bytes?: number;
}

/** A pin that is another than that of the release on the host. */
export interface PlannedVersion {
  name: string;
  before?: string;
  now?: string;
  /** Where the configuration pins it. */
  file?: string;
  line?: number;
  requiredBy?: string[];
}

export interface PlannedFile {
  /** `drift`: the release leaves it as it was, but somebody has changed it on the host. */
  change: "added" | "changed" | "removed" | "drift";
  path: string;
  /** What somebody has done to it on the host. */
  drift?: "changed" | "missing" | "mode" | "kind";
  /** It stays as it is on the host. */
  kept?: boolean;
  bytes?: number;
  /** Why its content is not shown: `binary`, `private`, `large`, ... */
  hidden?: string;
  /** From what the host has to what it gets. */
  diff?: string;
}

export interface ShownRelease {
  number: number;
  id: string;
  who?: string;
  start?: string;
  commit?: string;
  dirty?: boolean;
  /** Files of the project that were changed since the commit. */
  changedFiles?: number;
}

/** What a deployment of one host would do. */
export interface HostPlan {
  /** The host, and the buildout directory there. */
  address: string;
  path: string;
  /** Where the host is now; nothing was deployed before without it. */
  current?: ShownRelease;
  release: ShownRelease;
  steps: Step[];
  /** What `bootstrap` installs, as far as that is known. */
  bootstrap: string[];
  packages: PlannedPackage[];
  versions: PlannedVersion[];
  files: PlannedFile[];
  parts: PlannedPart[];
  /**
   * Commands of the deployment that a fabfile or a plugin has overridden, and each `initcommand`, which
   * runs before all of them: what those do is not known.
   */
  overrides: { command: string; source: string }[];
  /** What else is to be said of it. */
  notes: string[];
  /** To send. */
  bytes: number;
  sudo: boolean;
  /** Hashes of what it was worked out from. */
  basis: { options: string; drift: string; installed: string };
  /** Whether there is more to do than a run of the same release would do again. */
  changes: boolean;
}

/** What of a plan a deployment that follows it has to agree with. */
export type SavedPlan = Pick<
  HostPlan,
  "address" | "path" | "current" | "release" | "steps" | "basis"
>;
