import { closeSync, constants, fstatSync, openSync, writeSync } from "node:fs";
import type { JobSummary } from "../../report/job-summary.ts";
import { reasonOf } from "../../system/reason.ts";
import type { PlanRequest } from "./plan-request.ts";

/** GitHub's limit for one step. */
const LIMIT = 1024 * 1024;
const { O_APPEND, O_CREAT, O_NONBLOCK, O_WRONLY } = constants;

/** Appends the page to `file`. Returns the reason if that fails, which does not fail the call. */
export function writeSummary(
  file: string,
  summary: JobSummary,
  hosts: readonly string[],
  diff: PlanRequest["diff"],
): string | undefined {
  try {
    const descriptor = openSync(file, O_WRONLY | O_APPEND | O_CREAT | O_NONBLOCK, 0o666);
    try {
      const { size } = fstatSync(descriptor);
      const page = summary.text(hosts, LIMIT - size - 1, diff, new Date());
      const text = Buffer.from(size > 0 && page !== "" ? `\n${page}` : page);
      for (let done = 0; done < text.length; ) done += writeSync(descriptor, text, done);
    } finally {
      closeSync(descriptor);
    }
    return undefined;
  } catch (error) {
    return `Cannot write the job summary to ${file}: ${reasonOf(error)}`;
  }
}
