import type { PlannedPart } from "./engine.ts";

/** One step of a deployment. */
export type Step =
  /** Cleans up after an interrupted deployment or an earlier version of the tool. */
  | { step: "repair"; what: "cut-off" | "former" }
  /** Installs users, Python or Node, and the engine. */
  | { step: "bootstrap"; why: "missing" | "engine" }
  /** Replaces the engine on the host with this version's. */
  | { step: "engine"; file: string }
  /** A shell command from the options. */
  | { step: "command"; when: "before" | "after"; command: string; sudo: boolean }
  | { step: "package"; name: string; version: string; file: string; bytes: number }
  /** Puts the files of a release in place; those in `sent` are sent, those in `removed` are deleted. */
  | {
      step: "release";
      number: number;
      id: string;
      sent: string[];
      removed: string[];
      bytes: number;
      /** The release that provides all other files. */
      base?: number;
      /** Its own directory, relative to the path. */
      directory?: string;
    }
  /** Builds the configuration on the host, in the directory of the release if it has one. */
  | { step: "build"; configuration: string; directory?: string }
  /** Parts that root builds. */
  | { step: "root-build"; parts: string[]; sudo: boolean }
  /** Points `current` to the directory of this release. */
  | { step: "switch"; number: number; id: string }
  /** Runs the command of `data-version`. */
  | { step: "data-version"; command: string }
  /** Checks the application until it has passed so many times in a row, or the time is over. */
  | { step: "health"; check: string; passes: number; timeout: number };

export interface PlannedPackage {
  change: "added" | "changed" | "removed";
  name: string;
  before?: string;
  now?: string;
  /** Bytes to send; missing if the host has the file. */
  bytes?: number;
}

/** A pin that differs from the release on the host. */
export interface PlannedVersion {
  name: string;
  before?: string;
  now?: string;
  /** Location of the pin. */
  file?: string;
  line?: number;
  requiredBy?: string[];
}

export interface PlannedFile {
  /** `drift`: unchanged in the release, but changed on the host. */
  change: "added" | "changed" | "removed" | "drift";
  path: string;
  /** How it was changed on the host. */
  drift?: "changed" | "missing" | "mode" | "kind";
  /** The change on the host is kept. */
  kept?: boolean;
  bytes?: number;
  /** Why its content is not shown: `binary`, `private`, `large`, ... */
  hidden?: string;
  /** From the host's state to the new one. */
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
  /** The host and its buildout directory. */
  address: string;
  path: string;
  /** The host's current release; missing before the first deployment. */
  current?: ShownRelease;
  release: ShownRelease;
  steps: Step[];
  /** What `bootstrap` installs, as far as known. */
  bootstrap: string[];
  packages: PlannedPackage[];
  versions: PlannedVersion[];
  files: PlannedFile[];
  parts: PlannedPart[];
  /**
   * Commands of the deployment overridden by a fabfile or a plugin, and each `initcommand`, which runs
   * before all of them: their effects are unknown.
   */
  overrides: { command: string; source: string }[];
  /** Further remarks. */
  notes: string[];
  /** To send. */
  bytes: number;
  sudo: boolean;
  /** Hashes of its inputs. */
  basis: { options: string; drift: string; installed: string };
  /** Whether there is more to do than in a repeated run of the same release. */
  changes: boolean;
}

/** The parts of a plan that a deployment following it must match. */
export type SavedPlan = Pick<
  HostPlan,
  "address" | "path" | "current" | "release" | "steps" | "basis"
>;
