/** The release on a host that a plan compares with. */
import { join } from "node:path/posix";
import { parseManifest } from "../host/entry.ts";
import { checkedOutScript } from "../host/kept-files.ts";
import type { HostFacts } from "../host/probe.ts";
import type { PlanFacts } from "../plan/host-plan.ts";
import { currentAside, directoryOf } from "../plan/steps.ts";
import type { CommandContext } from "../run/chain.ts";
import { failed } from "./failed.ts";
import { keptManifest } from "./kept-release.ts";

/** The release to compare the new one with, and the place of its files. */
export function releaseThere({ options }: CommandContext, host: HostFacts): PlanFacts["there"] {
  const current = options.atomic ? currentAside(host) : undefined;
  if (current === undefined) return { release: host.checkout, path: host.path, isAside: false };
  const path = join(host.path, directoryOf(current.number));
  return { release: current, path, isAside: true };
}

/** The lines of its manifest, by path. */
export async function manifestThere(
  context: CommandContext,
  { release, isAside }: PlanFacts["there"],
): Promise<Map<string, string>> {
  if (release === undefined) return new Map();
  if (isAside) return (await keptManifest(context, release.number)) ?? new Map();
  const { session } = context;
  const { path } = await session.facts();
  const connection = await session.buildoutConnection();
  const result = await connection.sh(checkedOutScript(path), { signal: session.signal });
  if (result.code !== 0) throw failed("Reading the current checkout", result);
  return parseManifest(result.stdout);
}
