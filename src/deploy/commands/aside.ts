/** Releases with their own directories (`atomic = true`): building them and making them current. */
import { secretsInput } from "../../buildout/secrets/sent-secrets.ts";
import { BuildoutError } from "../../errors/error.ts";
import {
  buildAsideScript,
  failAsideScript,
  parseSwitched,
  settleScript,
  switchScript,
} from "../host/aside-state.ts";
import { removable } from "../host/history.ts";
import type { HostFacts, NumberedRelease } from "../host/probe.ts";
import { buildStep, currentAside, directoryAfter, directoryOf, switchStep } from "../plan/steps.ts";
import type { CommandContext } from "../run/chain.ts";
import { warnOfStaying } from "./ending.ts";
import { failed } from "./failed.ts";
import { configurationOf } from "./kept-release.ts";
import { buildSudoParts, hasRootCrontab, rootBuildout, settleRootCrontab } from "./root-build.ts";
import { requireUploaded } from "./upload.ts";
import { usersDiffer } from "./users.ts";

/** The command `buildout`: builds the release in its directory, and makes it current. */
export async function buildoutAside(
  context: CommandContext,
  args: readonly string[],
): Promise<void> {
  const { session, deployment, options } = context;
  const facts = await session.facts();
  const { id } = await deployment.release();
  await session.noteRelease(id);
  const release = await requireUploaded(context);
  const { number } = release;
  const isCurrent = number === currentAside(facts)?.number;
  const input = secretsInput(await deployment.secrets());
  const finish = async () => {
    const kept = [...(facts.releases?.kept.keys() ?? [])];
    const { keepReleases } = options;
    await switchTo(context, release, {
      removed: facts.releases ? removable(facts.releases.history, kept, number, keepReleases) : [],
      done: JSON.stringify({ number, result: "ok", seconds: null }),
      input,
    });
  };
  if (isCurrent && args.length === 0) {
    // A deployment may have been interrupted right after the switch.
    if (facts.aside?.number === number) return finish();
    return session.note(`Release ${number} is already built and stays as it is`);
  }
  const { configuration } = await deployment.release();
  session.emit({ type: "step", step: buildStep(configuration, directoryOf(number)) });
  const noted = { number, result: "failed", seconds: null };
  await build(context, { ...release, configuration }, args, {
    ...{ input, again: isCurrent, failed: isCurrent ? "" : JSON.stringify(noted) },
  });
  if (isCurrent) return;
  await buildRootParts(context, release, JSON.stringify(noted));
  await finish();
}

/** Builds root's parts of a release that is built but not current; records `note` if that fails. */
export async function buildRootParts(
  context: CommandContext,
  release: NumberedRelease,
  note = "",
): Promise<void> {
  const { session } = context;
  try {
    await buildSudoParts(context, release);
  } catch (error) {
    const facts = await session.facts();
    const connection = await session.buildoutConnection();
    const script = failAsideScript(facts.path, release, note);
    // If the host is unreachable, the release counts as interrupted.
    const marked = await connection.sh(script, { signal: session.signal }).catch(() => undefined);
    session.forget();
    if (marked?.code !== 0 || !(error instanceof BuildoutError)) throw error;
    const { code, message, output } = error;
    const hint = [error.hint, failureHint(facts, release)].filter(Boolean).join(" ");
    throw new BuildoutError(code, message, { ...(output !== undefined && { output }), hint });
  }
}

interface BuildOptions {
  /** Secrets. */
  input: string;
  again: boolean;
  /** The record of a failed build. */
  failed: string;
  /** The message if it fails. */
  hint?: string;
}

/** Runs the buildout of a release in its directory. */
export async function build(
  { session, options }: CommandContext,
  release: NumberedRelease & { configuration: string },
  args: readonly string[],
  { input, ...how }: BuildOptions,
): Promise<void> {
  const facts = await session.facts();
  const { number, configuration } = release;
  const label = ["bin/buildout", "-c", configuration, ...args].join(" ");
  const script = buildAsideScript(facts.path, release, args, how);
  const result = await session.run(script, { cwd: null, label, input });
  if (result.code === 0) {
    if (!how.again) facts.aside = { ...release, state: "built" };
    return;
  }
  session.forget();
  const again = `It was built in ${facts.path}/${directoryOf(number)}, which is current.`;
  const hint = how.hint ?? (how.again ? again : failureHint(facts, release));
  throw new BuildoutError(
    "remote-buildout-failed",
    `The buildout on ${options.host} failed with status ${result.code ?? result.signal}.`,
    { hint },
  );
}

function failureHint({ current, path }: HostFacts, { number }: NumberedRelease): string {
  const stays =
    current === undefined ? "" : `Release ${current.number} (${current.id}) stays current; `;
  return `${stays}what failed is in ${path}/${directoryOf(number)}.`;
}

/** Makes a built release current; `removed` ones are deleted, `done` is recorded. */
export async function switchTo(
  context: CommandContext,
  release: NumberedRelease,
  { removed, done, input }: { removed: readonly number[]; done: string; input: string },
): Promise<void> {
  const { session, options } = context;
  const facts = await session.facts();
  const { path } = facts;
  session.emit({ type: "step", step: switchStep(release) });
  const connection = await session.buildoutConnection();
  const later = await hasRootCrontab(context);
  const how = { shared: usersDiffer(options), removed, done, later };
  const script = switchScript(path, release, how);
  const result = await connection.sh(script, { signal: session.signal });
  if (result.code !== 0) throw failed(`Switching to release ${release.number}`, result);
  warnOfStaying({ session }, path, result.stdout);
  const { crontabParts } = parseSwitched(result.stdout);
  if (crontabParts.length > 0) await writeCrontab(context, release, crontabParts, input);
  await settleRootCrontab(context, directoryOf(release.number));
  if (later || crontabParts.length > 0) {
    const settled = await connection.sh(settleScript(path, release), { signal: session.signal });
    if (settled.code !== 0) throw failed(`Switching to release ${release.number}`, settled);
  }
  facts.current = { number: release.number, id: release.id };
  facts.link = release.number;
  facts.directory = directoryAfter(options, path);
  facts.aside = undefined;
  session.note(`${facts.directory} is release ${release.number} now`);
}

/** Lets parts of the now current release write their crontab entries. */
async function writeCrontab(
  context: CommandContext,
  release: NumberedRelease,
  parts: readonly string[],
  input: string,
): Promise<void> {
  const { deployment } = context;
  const { number, id } = release;
  const hint = `Release ${number} (${id}) is current, but its crontab entries are missing: deploy again, or run 'rollback ${number}'.`;
  const own = parts.filter((part) => !deployment.sudoParts.includes(part));
  const ofRoot = parts.filter((part) => deployment.sudoParts.includes(part));
  if (own.length > 0) {
    const configuration = await configurationOf(context, release);
    const args = ["-o", "install", ...own];
    const how = { input, again: true, failed: "", hint };
    await build(context, { ...release, configuration }, args, how);
  }
  if (ofRoot.length > 0) {
    const args = ["-o", "install", ...ofRoot];
    await rootBuildout(context, args, "Writing crontab entries as root", release);
  }
}
