import type { HealthAnswer } from "./health.ts";

/** How a host is. */
export interface HostStatus {
  ok: boolean;
  /** What is wrong, in words. */
  problems: string[];
  /** The current one; nothing is deployed without it. */
  release?: StatusRelease;
  /** Who has its lock, or keeps others out, in words. */
  locks: string[];
  /** Files of the release that others have changed. */
  drift: { what: "changed" | "missing" | "mode" | "kind"; path: string }[];
  /** Without it there is no health check. */
  health?: { check: string; answer: HealthAnswer };
  /** Bytes of the file system that the path is on. */
  disk?: { free: number; total: number };
  /** The releases that the host keeps; bytes are missing where counting them took too long. */
  kept: { releases: number; bytes?: number };
  /** What `bin/supervisorctl status` prints, and its status. */
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
