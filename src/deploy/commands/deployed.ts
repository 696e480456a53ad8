import type { CommandContext } from "../run/chain.ts";

/** Says which release the host is at, after a deployment or a rollback. */
export async function reportDeployed({ session, deployment }: CommandContext): Promise<void> {
  const { current } = await session.facts();
  if (current === undefined) return;
  const { number, id } = current;
  session.emit({ type: "deployed", number, id, ...deployment.tally.total() });
}
