import type { HostPlan, Step } from "./deployment-plan.ts";
import type { ErrorData } from "./error-data.ts";
import type { HealthAnswer, HealthLog } from "./health.ts";
import type { HostStatus } from "./host-status.ts";

/** What a deployment tells while it runs; a reporter turns it into text or JSON lines. */
export type HostoutEvent =
  | { type: "command"; host: string; name: string; source: string }
  | { type: "login"; host: string; user: string; address: string }
  | { type: "run"; host: string; command: string; sudo: boolean }
  /** A command on this machine. */
  | { type: "local"; host: string; command: string }
  /** A line that is not UTF-8 is as `surrogate-escape.ts` says; in JSON it has U+FFFD, and `base64`. */
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
  /** Bytes of one upload or download so far. `total` is known before it starts. */
  /** `sent`: what has gone through the connection, where that is not the same bytes. */
  | {
      type: "transfer";
      host: string;
      name: string;
      bytes: number;
      total: number;
      sent?: number;
    }
  | { type: "result"; host: string; name: string; value: unknown }
  /** A step of a deployment begins, one of those that its plan lists. */
  | { type: "step"; host: string; step: Step }
  | ({ type: "plan"; host: string } & HostPlan)
  /** A list that a command was asked for. */
  | { type: "table"; host: string; head: string[]; rows: string[][] }
  /** What differs between two releases; without `to` what a deployment would bring. */
  | {
      type: "diff";
      host: string;
      from?: number;
      to?: number;
      differences: FileChange[];
      detail: Detail;
    }
  /** An answer of a host that is asked whether it is healthy, and how many in a row were good. */
  | { type: "health-try"; host: string; passes: number; wanted: number; answer: HealthAnswer }
  /** How that ended; `answers` are the last ones. */
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
   * Where a deployment or a rollback has brought a host, and what the call has taken so far. `before`:
   * the release that it could go back to, where the deployment brought another.
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
  /** The last of a host: requests that waited for its answer, connecting aside. */
  | { type: "closed"; host: string; roundTrips: number }
  /** Without `host` it is not about one. */
  | ({ type: "error"; host?: string } & ErrorData)
  /** What became of a host; `seconds` if it was begun. */
  | { type: "finished"; host: string; outcome: HostOutcome; seconds?: number }
  /** `again` is the command line for the hosts that are not done. */
  | { type: "done"; ok: boolean; failed: string[]; notReached: string[]; again?: string };

/**
 * `rolled-back`: it failed, and has its earlier release again; `not-reached`: it was not begun, since others
 * failed or the run was interrupted.
 */
export type HostOutcome = "done" | "failed" | "rolled-back" | "not-reached" | "interrupted";

/** An event as a command emits it: the host is added on the way. */
export type HostEvent = HostoutEvent extends infer E
  ? E extends { host: string }
    ? Omit<E, "host">
    : never
  : never;

/** How much of changed files is shown: nothing but their names, how much of them, all of it. */
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
  /** What a terminal can show of a file that is not large; the target of a link. */
  text?: string;
}
