import type { CommandContext } from "../run/chain.ts";

/** Says which release the host is at, after a deployment of one that was at `before`, or a rollback. */
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
