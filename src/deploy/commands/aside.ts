/** Releases with directories of their own (`atomic = true`): how they are built and become current. */
import { secretsInput } from "../../buildout/secrets/sent-secrets.ts";
import { BuildoutError } from "../../errors/error.ts";
import { buildAsideScript, failAsideScript, switchScript } from "../host/aside-state.ts";
import { removable } from "../host/history.ts";
import type { HostFacts, NumberedRelease } from "../host/probe.ts";
import { buildStep, currentAside, directoryAfter, directoryOf, switchStep } from "../plan/steps.ts";
import type { CommandContext } from "../run/chain.ts";
import { failed } from "./failed.ts";
import { buildSudoParts } from "./root-build.ts";
import { requireUploaded } from "./upload.ts";
import { usersDiffer } from "./users.ts";

/** The command `buildout`: builds the release in its directory, which is the current one then. */
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
  const finish = async () => {
    const kept = [...(facts.releases?.kept.keys() ?? [])];
    const { keepReleases } = options;
    await switchTo(context, release, {
      removed: facts.releases ? removable(facts.releases.history, kept, number, keepReleases) : [],
      done: JSON.stringify({ number, result: "ok", seconds: null }),
    });
  };
  if (isCurrent && args.length === 0) {
    // A deployment may have been cut off right after it had switched.
    if (facts.aside?.number === number) return finish();
    return session.note(`Release ${number} is built already, and stays as it is`);
  }
  const { configuration } = await deployment.release();
  session.emit({ type: "step", step: buildStep(configuration, directoryOf(number)) });
  const input = secretsInput(await deployment.secrets());
  const noted = { number, result: "failed", seconds: null };
  await build(context, { ...release, configuration }, args, {
    ...{ input, again: isCurrent, failed: isCurrent ? "" : JSON.stringify(noted) },
  });
  if (isCurrent) return;
  await buildRootParts(context, release, JSON.stringify(noted));
  await finish();
}

/** Builds the parts of root of a release that is built, and not current; `note` is noted where that fails. */
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
    // Where the host is out of reach, the release counts as cut off.
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
  /** What is noted of a build that fails. */
  failed: string;
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
  const hint = how.again
    ? `It was built in ${facts.path}/${directoryOf(number)}, which is current.`
    : failureHint(facts, release);
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

/** Makes a release that is built the current one; `removed` go, `done` is noted. */
export async function switchTo(
  { session, options }: CommandContext,
  release: NumberedRelease,
  { removed, done }: { removed: readonly number[]; done: string },
): Promise<void> {
  const facts = await session.facts();
  const { path } = facts;
  session.emit({ type: "step", step: switchStep(release) });
  const connection = await session.buildoutConnection();
  const script = switchScript(path, release, { shared: usersDiffer(options), removed, done });
  const result = await connection.sh(script, { signal: session.signal });
  if (result.code !== 0) throw failed(`Switching to release ${release.number}`, result);
  warnOfStaying({ session }, path, result.stdout);
  facts.current = { number: release.number, id: release.id };
  facts.link = release.number;
  facts.directory = directoryAfter(options, path);
  facts.aside = undefined;
  session.note(`${facts.directory} is release ${release.number} now`);
}

/** Names directories of releases that could not be removed. */
export function warnOfStaying(
  { session }: Pick<CommandContext, "session">,
  path: string,
  output: string,
): void {
  for (const [, number] of output.matchAll(/^stays (\d+)$/gm)) {
    const text = `${path}/${directoryOf(Number(number))} stays: not all of it can be removed.`;
    session.emit({ type: "warning", text });
  }
}
