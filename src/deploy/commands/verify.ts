import type { AsideRelease } from "../host/probe.ts";
import { checkState, parseVerified, verifyScript } from "../host/release-state.ts";
import type { CommandContext, CommandDefinition } from "../run/chain.ts";
import { failed } from "./failed.ts";
import { NAMED } from "./send.ts";
import { hostReleases, warnOfDrift } from "./upload.ts";

export const verifyCommand: CommandDefinition = {
  name: "verify",
  changes: true,
  releases: true,
  description: "Compare the host's files with its releases",
  arguments: "none",
  help: "Reports files of the current release that were changed by hand, and damaged files of all releases\non the host. Damaged files are repaired from the buildout directory if possible; others are sent\nagain by the next deployment. Fails if anything is left to repair.",
  source: "collective.hostout",
  run: verify,
};

/** Whether the directory of a release is unfinished for a reason other than a failed build. */
export function isCutOff(aside: AsideRelease | undefined): boolean {
  return aside !== undefined && aside.state !== "made" && aside.state !== "failed";
}

async function verify(context: CommandContext): Promise<false | undefined> {
  const { session, options } = context;
  const facts = await session.facts();
  checkState(facts, options);
  const { drift, kept } = await hostReleases(context);
  const { aside, interrupted, unfinished } = facts;
  const cutOff = interrupted || (options.atomic ? isCutOff(aside) : unfinished);
  if (cutOff) {
    const text = `A deployment of ${options.name} was interrupted: the next one repairs its files.`;
    session.emit({ type: "warning", text });
  }
  const then = options.atomic
    ? "The next release will not include it."
    : "The next deployment overwrites it.";
  warnOfDrift(context, drift, then);
  const none = () => {
    session.note(`${options.name} has no release`);
    return undefined;
  };
  if (!facts.exists) return none();
  const connection = await session.buildoutConnection();
  const result = await connection.sh(verifyScript(facts.path), { signal: session.signal });
  if (result.code !== 0) throw failed("Verifying the releases", result);
  const { mended, damaged, odd } = parseVerified(result.stdout);
  for (const path of mended.slice(0, NAMED)) session.note(`Repaired '${path}'`);
  if (mended.length > NAMED) session.note(`Repaired ${mended.length - NAMED} more`);
  for (const { number, path } of damaged.slice(0, NAMED)) {
    session.emit({ type: "warning", text: `'${path}' of release ${number} is damaged.` });
  }
  if (damaged.length > NAMED) {
    session.emit({ type: "warning", text: `So are ${damaged.length - NAMED} more.` });
  }
  for (const { number, what } of odd) {
    const text = `${what}, which no deployment creates: release ${number} is not used. Move it away, and deploy again.`;
    session.emit({ type: "warning", text });
  }
  if (cutOff || drift.length > 0 || damaged.length > 0 || odd.length > 0) return false;
  if (kept.size === 0) return none();
  session.note(`${options.name} matches its release; complete releases: ${kept.size}`);
  return undefined;
}
