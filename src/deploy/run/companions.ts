import { BuildoutError } from "../../errors/error.ts";
import type { HostOutcome } from "../../events/deployment.ts";
import type { RollbackScope } from "../part/options.ts";

/** The outcome for one host. */
export interface HostResult {
  host: string;
  outcome: HostOutcome;
  /** The error of a command; undefined if it returned `false`. */
  error?: unknown;
}

/** The same, and whether the call deployed a release that can be rolled back. */
export interface Course {
  result: HostResult;
  hasNewRelease: boolean;
}

export function isUnhealthy(error: unknown): boolean {
  return error instanceof BuildoutError && error.code === "unhealthy";
}

/**
 * The healthy hosts with the new release to roll back because of an unhealthy one in `batch`, each with
 * that host: those of its batch, or all so far. `scopeOf` is `rollback-on-failure`.
 */
export function companionsOf(
  batch: readonly string[],
  courses: ReadonlyMap<string, Course>,
  scopeOf: (host: string) => RollbackScope,
): Map<string, string> {
  const unhealthy = batch.filter((host) => isUnhealthy(courses.get(host)?.result.error));
  const ofAll = unhealthy.find((host) => scopeOf(host) === "all");
  const cause = ofAll ?? unhealthy.find((host) => scopeOf(host) === "batch");
  if (cause === undefined) return new Map();
  const around = ofAll === undefined ? batch : [...courses.keys()];
  return new Map(
    around.flatMap((host) => {
      const { result, hasNewRelease } = courses.get(host) ?? {};
      return result?.outcome === "done" && hasNewRelease ? [[host, cause] as const] : [];
    }),
  );
}
