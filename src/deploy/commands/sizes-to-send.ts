import type { PlanFacts } from "../plan/host-plan.ts";
import { compare, entryLine } from "../release/manifest.ts";
import type { CommandContext } from "../run/chain.ts";
import { sentEngine } from "./bootstrap.ts";
import { bytesToSend } from "./send.ts";

/** Bytes to transfer: slightly more than the files have, or many fewer if compressed. */
export async function sizesToSend(
  context: CommandContext,
  { release, way, base }: Pick<PlanFacts, "release" | "way" | "base">,
  engine: Buffer,
): Promise<PlanFacts["sent"]> {
  const { session } = context;
  const latency = await session.latency();
  const isSent = way !== undefined && !way.again;
  const { added, changed } = compare(release.files, base, entryLine);
  return {
    release: isSent ? await bytesToSend(context, release, [...added, ...changed]) : 0,
    engine: sentEngine(engine, latency).length,
  };
}
