import type { HostPlan, Step } from "./deployment-plan.ts";
import type { ErrorData } from "./error-data.ts";
import type { HealthAnswer, HealthLog } from "./health.ts";
import type { HostStatus } from "./host-status.ts";

/** Events of a deployment; a reporter turns them into text or JSON lines. */
export type HostoutEvent =
  | { type: "command"; host: string; name: string; source: string }
  | { type: "login"; host: string; user: string; address: string }
  | { type: "run"; host: string; command: string; sudo: boolean }
  /** A command on this machine. */
  | { type: "local"; host: string; command: string }
  /** For lines that are not UTF-8, see `surrogate-escape.ts`; in JSON, they have U+FFFD and `base64`. */
  | {
      type: "output";
      host: string;
      stream: "out" | "err";
      line: string;
      base64?: string;
      local?: true;
    }
  /** A step of a command, in words. */
  | { type: "note"; host: string; text: string }
  | { type: "warning"; host: string; text: string }
  /** Bytes of one upload or download so far. `total` is known from the start. */
  /** `sent`: bytes on the connection, if different. */
  | {
      type: "transfer";
      host: string;
      name: string;
      bytes: number;
      total: number;
      sent?: number;
    }
  | { type: "result"; host: string; name: string; value: unknown }
  /** A step of a deployment starts, one of those listed in its plan. */
  | { type: "step"; host: string; step: Step }
  | ({ type: "plan"; host: string } & HostPlan)
  /** A list, the output of a command. */
  | { type: "table"; host: string; head: string[]; rows: string[][] }
  /** The differences between two releases; without `to`, what a deployment would change. */
  | {
      type: "diff";
      host: string;
      from?: number;
      to?: number;
      differences: FileChange[];
      detail: Detail;
    }
  /** One answer to the health check, and the number of passes in a row. */
  | { type: "health-try"; host: string; passes: number; wanted: number; answer: HealthAnswer }
  /** The result of the health check; `answers` are the last ones. */
  | {
      type: "health";
      host: string;
      healthy: boolean;
      check: string;
      passes: number;
      wanted: number;
      seconds: number;
      answers: HealthAnswer[];
      logs: HealthLog[];
    }
  | ({ type: "status"; host: string } & HostStatus)
  /**
   * The release of a host after a deployment or a rollback, and the cost of the call so far. `before`: the
   * release to roll back to, if the deployment changed it.
   */
  | {
      type: "deployed";
      host: string;
      number: number;
      id: string;
      before?: number;
      seconds: number;
      bytes: number;
      warnings: number;
    }
  /** The last event of a host: requests that waited for its answer, except for connecting. */
  | { type: "closed"; host: string; roundTrips: number }
  /** Without `host`, it is not about a host. */
  | ({ type: "error"; host?: string } & ErrorData)
  /** The outcome for a host; `seconds` if it was started. */
  | { type: "finished"; host: string; outcome: HostOutcome; seconds?: number }
  /** `again` is the command line for the remaining hosts. */
  | { type: "done"; ok: boolean; failed: string[]; notReached: string[]; again?: string };

/**
 * `rolled-back`: it failed, and has its earlier release again; `not-reached`: it was not started, because
 * others failed or the run was interrupted.
 */
export type HostOutcome = "done" | "failed" | "rolled-back" | "not-reached" | "interrupted";

/** An event as emitted by a command; the host is added later. */
export type HostEvent = HostoutEvent extends infer E
  ? E extends { host: string }
    ? Omit<E, "host">
    : never
  : never;

/** How to show changed files: only names, counts, or full diffs. */
export type Detail = "no" | "stat" | "full";

/** A file before and after a change. */
export interface FileChange {
  path: string;
  before?: FileState;
  after?: FileState;
}

export interface FileState {
  kind: "file" | "link" | "directory";
  /** `644` */
  mode: string;
  bytes: number;
  /** The content of a small text file; the target of a link. */
  text?: string;
}
