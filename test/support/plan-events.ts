import type { HostoutEvent } from "../../src/events/deployment.ts";
import type { HostPlan, Step } from "../../src/events/deployment-plan.ts";

function eventsOf(stdout: string): HostoutEvent[] {
  return stdout
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as HostoutEvent);
}

/** The plan in the output of `plan --json`. */
export function planOf(stdout: string): HostPlan {
  const found = eventsOf(stdout).find((event) => event.type === "plan");
  if (found === undefined) throw new Error(`No plan in: ${stdout}`);
  return found;
}

/** The steps in the output of `deploy --json`. */
export function stepsOf(stdout: string): Step[] {
  return eventsOf(stdout).flatMap((event) => (event.type === "step" ? [event.step] : []));
}

/** The events of the build about parts: uninstalled, installed and updated ones. */
export function partsBuilt(
  stdout: string,
): Record<"uninstalled" | "installed" | "updated", string[]> {
  const lines = eventsOf(stdout).flatMap((event) => (event.type === "output" ? [event.line] : []));
  const named = (word: string) =>
    lines.flatMap((line) => new RegExp(`^${word} (\\S+)\\.$`).exec(line)?.[1] ?? []).sort();
  return {
    uninstalled: named("Uninstalling"),
    installed: named("Installing"),
    updated: named("Updating"),
  };
}

/** The same, as a plan has it. */
export function partsPlanned({ parts }: HostPlan): ReturnType<typeof partsBuilt> {
  const named = (...actions: string[]) =>
    parts
      .filter(({ action }) => actions.includes(action))
      .map(({ part }) => part)
      .sort();
  return {
    uninstalled: named("uninstall", "reinstall"),
    installed: named("install", "reinstall"),
    updated: named("update"),
  };
}
