/** Starts the build of a release on the host while its files are put in place: decision 034. */
import { buildScript, NOT_TOLD, WORD } from "../host/release-state.ts";
import type { PlannedRelease } from "../release/deployment.ts";
import type { CommandContext } from "../run/chain.ts";
import { buildEndingOf } from "./ending.ts";

/**
 * Does nothing if something may run on the host before the build, or if the release may replace what starts it.
 * `removed` are the paths that it removes.
 */
export async function startBuild(
  context: CommandContext,
  { id, configuration, files }: PlannedRelease,
  number: number,
  removed: readonly string[],
): Promise<void> {
  const { deployment, options, session } = context;
  if (!deployment.mayRest || options.atomic || options.engine !== "node") return;
  const facts = await session.facts();
  if (facts.engine !== (await deployment.engine()).name) return;
  const paths = [...files.map((file) => file.path), ...removed];
  if (paths.some((one) => one === "bin" || one.startsWith("bin/"))) return;
  const ending = buildEndingOf(options, facts, number);
  const program = buildScript(facts.path, { number, id, configuration }, [], ending, "ahead");
  const started = await session.start(program, { word: WORD, unheard: NOT_TOLD });
  if (started !== undefined) deployment.ahead = { program, started };
}
