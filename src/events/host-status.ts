import type { HealthAnswer } from "./health.ts";

/** The state of a host. */
export interface HostStatus {
  ok: boolean;
  /** Problems, in words. */
  problems: string[];
  /** The current release; missing if nothing is deployed. */
  release?: StatusRelease;
  /** Who holds its lock, in words. */
  locks: string[];
  /** Files of the release that were changed by hand. */
  drift: { what: "changed" | "missing" | "mode" | "kind"; path: string }[];
  /** Missing if there is no health check. */
  health?: { check: string; answer: HealthAnswer };
  /** Bytes of the file system that the path is on. */
  disk?: { free: number; total: number };
  /** The releases on the host; bytes are missing if counting them took too long. */
  kept: { releases: number; bytes?: number };
  /** The output of `bin/supervisorctl status`, and its exit status. */
  supervisor?: { status: number; lines: string[] };
}

interface StatusRelease {
  number: number;
  id: string;
  start?: string;
  who?: string;
  commit?: string;
  dirty?: boolean;
  result?: "ok" | "failed" | "bad";
  reason?: string;
}
