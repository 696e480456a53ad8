import { BuildoutError } from "../../errors/error.ts";
import type { HostOutcome } from "../../events/deployment.ts";
import type { RollbackScope } from "../part/options.ts";

/** What became of one host. */
export interface HostResult {
  host: string;
  outcome: HostOutcome;
  /** What a command threw; without it a command returned `false`. */
  error?: unknown;
}

/** The same, and whether the call has brought it a release that it can leave again. */
export interface Course {
  result: HostResult;
  hasNewRelease: boolean;
}

export function isUnhealthy(error: unknown): boolean {
  return error instanceof BuildoutError && error.code === "unhealthy";
}

/**
 * The hosts that go back because of one in `batch` that is not healthy, each with that one: those of its
 * batch, or all so far, that have the new release and are well. `scopeOf` is `rollback-on-failure`.
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
