import type { HostOptions } from "../deploy/part/options.ts";
import type { Planning } from "../deploy/release/deployment.ts";
import type { CommandChains } from "../deploy/run/chain.ts";
import type { HostoutEvent } from "../events/deployment.ts";
import { builtinChains } from "./host-commands.ts";
import { VERSION } from "./version.ts";

export type PlanEvent = Extract<HostoutEvent, { type: "plan" }>;

/** The commands of the hosts with the built-in 'plan', even if a fabfile overrides it. */
export function withOwnPlan(
  chains: ReadonlyMap<string, CommandChains>,
): ReadonlyMap<string, CommandChains> {
  const own = builtinChains.chains.get("plan")!;
  return new Map(
    [...chains].map(([host, commands]) => [
      host,
      { ...commands, chains: new Map([...commands.chains, ["plan", own]]) },
    ]),
  );
}

/** The plans in a file for the deployment of these hosts. Throws `invalid-plan`. */
export async function followed(
  file: string | undefined,
  hosts: readonly HostOptions[],
): Promise<Pick<Planning, "saved">> {
  if (file === undefined) return {};
  const { readPlans } = await import("../deploy/plan/saved-plan.ts");
  return { saved: await readPlans(file, hosts, VERSION) };
}

/** Saves plans in a file, for --from. Throws `local-not-writable`. */
export async function savePlansOf(file: string, plans: readonly PlanEvent[]): Promise<void> {
  const { savePlans } = await import("../deploy/plan/saved-plan.ts");
  savePlans(file, new Map(plans.map((plan) => [plan.host, plan])), VERSION);
}
