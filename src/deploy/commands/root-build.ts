/** Builds by root on a host: `sudo-parts` and `sudobuildout`. */
import { join } from "node:path/posix";
import { secretsInput } from "../../buildout/secrets/sent-secrets.ts";
import { quoteAll } from "../../ssh/commands/quote.ts";
import { parseSwitched } from "../host/aside-state.ts";
import { giveBackScript } from "../host/ownership.ts";
import type { NumberedRelease } from "../host/probe.ts";
import { noteScript, withSecrets } from "../host/release-state.ts";
import { runAsRootScript, settleRootCrontabScript } from "../host/root-program.ts";
import { directoryOf, rootSteps } from "../plan/steps.ts";
import type { CommandContext } from "../run/chain.ts";
import { failed } from "./failed.ts";
import { configurationOf } from "./kept-release.ts";
import { requireCheckout } from "./upload.ts";
import { owners } from "./users.ts";

/** Builds `sudo-parts`, if any, of `release` or of the latest release on the host. */
export async function buildSudoParts(
  context: CommandContext,
  release?: NumberedRelease,
): Promise<void> {
  const { options, session, deployment } = context;
  const { sudoParts, offline } = deployment;
  if (!offline) await noteSudoParts(context, release);
  for (const step of rootSteps({ ...options, sudoParts })) {
    session.emit({ type: "step", step });
    const args = [...(offline ? ["-o"] : []), "install", ...step.parts];
    await rootBuildout(context, args, "The buildout of sudo-parts", release);
  }
  if (!options.atomic) await settleRootCrontab(context);
}

/** Records the parts that root builds if the option has changed but the release has not. */
async function noteSudoParts(
  { session, deployment }: CommandContext,
  release: NumberedRelease | undefined,
): Promise<void> {
  const { path, current, releases } = await session.facts();
  const number = release?.number ?? current?.number;
  const known = releases?.history.attempts.find((attempt) => attempt.number === number);
  const sudoParts = [...deployment.sudoParts];
  if (known === undefined || (known.sudoParts ?? []).join(" ") === sudoParts.join(" ")) return;
  const connection = await session.buildoutConnection();
  const script = noteScript(path, { number: known.number, sudoParts });
  const noted = await connection.sh(script, { signal: session.signal });
  if (noted.code !== 0) throw failed("Recording the parts built by root", noted);
}

/** Whether root's crontab may have entries of this buildout, from now or from earlier releases. */
export async function hasRootCrontab({
  session,
  options,
  deployment,
}: CommandContext): Promise<boolean> {
  if (options.noSudo) return false;
  if (options.sudoParts.length > 0 || deployment.sudoParts.length > 0) return true;
  const { history } = (await session.facts()).releases ?? {};
  const last = history?.attempts.filter(({ result }) => result !== "failed").slice(-2) ?? [];
  return last.some(({ sudoParts = [] }) => sudoParts.length > 0);
}

/**
 * Removes entries that `z3c.recipe.usercrontab` has put in root's crontab, except those of the current
 * buildout: the recipe's own uninstallation only looks in the crontab of the buildout user.
 */
export async function settleRootCrontab(context: CommandContext, below = ""): Promise<void> {
  const { session } = context;
  if (!(await hasRootCrontab(context))) return;
  const { path } = await session.facts();
  const { buildoutUser } = await owners(context);
  const script = settleRootCrontabScript({ path, below }, buildoutUser);
  const result = await session.sudo(script, { cwd: null, quiet: true });
  if (result.code !== 0)
    throw failed("Removing entries of earlier releases from root's crontab", result);
  if (!parseSwitched(result.stdout).crontabStays) return;
  const text = `Entries of earlier releases in ${path} stay in root's crontab, which cannot be written.`;
  session.emit({ type: "warning", text });
}

/**
 * Builds the configuration of a release on the host as root; files outside root's parts go back to the
 * buildout user.
 */
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
  // Other files that root has created now belong to the buildout user.
  const back = giveBackScript(directory, cache, ownership, deployment.sudoParts);
  const given = await session.sudo(back, { cwd: null, quiet: true });
  if (given.code !== 0)
    throw failed("Changing the owner of root's files to the buildout user", given);
  if (result.code !== 0) throw failed(what, result);
}
