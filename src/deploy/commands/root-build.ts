/** What root builds on a host: `sudo-parts`, and `sudobuildout`. */
import { join } from "node:path/posix";
import { secretsInput } from "../../buildout/secrets/sent-secrets.ts";
import { quoteAll } from "../../ssh/commands/quote.ts";
import { giveBackScript } from "../host/ownership.ts";
import type { NumberedRelease } from "../host/probe.ts";
import { withSecrets } from "../host/release-state.ts";
import { runAsRootScript } from "../host/root-program.ts";
import { directoryOf, rootSteps } from "../plan/steps.ts";
import type { CommandContext } from "../run/chain.ts";
import { failed } from "./failed.ts";
import { configurationOf } from "./kept-release.ts";
import { requireCheckout } from "./upload.ts";
import { owners } from "./users.ts";

/** Builds `sudo-parts`, if there are any: of `release`, or of the one that was put on the host last. */
export async function buildSudoParts(
  context: CommandContext,
  release?: NumberedRelease,
): Promise<void> {
  const { options, session, deployment } = context;
  for (const step of rootSteps(options)) {
    session.emit({ type: "step", step });
    const args = [...(deployment.offline ? ["-o"] : []), "install", ...step.parts];
    await rootBuildout(context, args, "The buildout of sudo-parts", release);
  }
}

/** Runs as root the configuration of a release that is on the host; files that are not a root part's are given back. */
export async function rootBuildout(
  context: CommandContext,
  args: readonly string[],
  what: string,
  built?: NumberedRelease,
): Promise<void> {
  const { session, options, deployment } = context;
  const input = secretsInput(await deployment.secrets());
  const release = built ?? (await requireCheckout(context));
  const configuration = await configurationOf(context, release);
  const below = options.atomic ? directoryOf(release.number) : "";
  const build = ["bin/buildout", "-c", configuration, ...args];
  const label = quoteAll(build);
  const { path, cache } = await session.facts();
  const directory = join(path, below);
  if (options.noSudo) {
    const command = withSecrets(options.atomic ? `../../${label}` : label);
    const result = await session.run(command, { cwd: directory, label, input });
    if (result.code !== 0) throw failed(what, result);
    return;
  }
  const ownership = await owners(context);
  const script = runAsRootScript({ path, below }, ownership.buildoutUser, build);
  const result = await session.sudo(script, { cwd: null, label, input });
  // What root has made beside the sudo-parts is the buildout user's from now on.
  const back = giveBackScript(directory, cache, ownership, options.sudoParts);
  const given = await session.sudo(back, { cwd: null, quiet: true });
  if (given.code !== 0) throw failed("Giving files of root to the buildout user", given);
  if (result.code !== 0) throw failed(what, result);
}
