import type { CommandContext } from "../run/chain.ts";

/** Reports the host's release after a rollback, or after a deployment from `before`. */
export async function reportDeployed(
  { session, deployment }: CommandContext,
  before?: number,
): Promise<void> {
  const { current } = await session.facts();
  if (current === undefined) return;
  const { number, id } = current;
  const from = before === undefined || before === number ? {} : { before };
  session.emit({ type: "deployed", number, id, ...from, ...deployment.tally.total() });
}
