import { useCacheScript } from "../host/release-state.ts";
import type { CommandContext } from "../run/chain.ts";

/** Records in the cache that this buildout directory uses it, for `cleanup` in other projects. */
export async function useCache({ session }: CommandContext): Promise<void> {
  const facts = await session.facts();
  if (facts.usesCache || !facts.exists) return;
  const connection = await session.buildoutConnection();
  const result = await connection.sh(useCacheScript(facts), { signal: session.signal });
  facts.usesCache = true;
  if (result.code === 0) return;
  const text = `${facts.cache}/directories is not writable: 'cleanup' in other projects does not know about ${facts.path}.`;
  session.emit({ type: "warning", text });
}
