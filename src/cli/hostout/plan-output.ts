import { type PlanEvent, savePlansOf } from "../../program/planning.ts";
import type { PlanRequest } from "./plan-request.ts";

/** Exit status with --detailed-exitcode if a deployment has something to do. */
const CHANGES = 2;

/** Writes the plans of all hosts as a document or to a file. Returns the exit status. */
export async function endOfPlan(
  plans: readonly PlanEvent[],
  { detailedExitcode, diff, format, out }: PlanRequest,
  print: (text: string) => void,
): Promise<number> {
  if (format === "json") {
    const data = plans.map(({ type: _, ...plan }) => plan);
    print(`${JSON.stringify(data, undefined, 2)}\n`);
  }
  if (format === "markdown") {
    const { deploymentPlanMarkdown } = await import("../../report/deployment-plan-markdown.ts");
    const now = new Date();
    const texts = plans.map((plan) => deploymentPlanMarkdown(plan.host, plan, { diff, now }));
    print(texts.join("\n"));
  }
  if (out !== undefined) await savePlansOf(out, plans);
  return detailedExitcode && plans.some(({ changes }) => changes) ? CHANGES : 0;
}
