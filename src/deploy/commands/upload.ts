/** uploadbuildout: puts the files of a release in the buildout directory of a host. */
import { BuildoutError } from "../../errors/error.ts";
import { type NumberedRelease, STATE } from "../host/probe.ts";
import type { Drift, HostReleases } from "../host/release-list.ts";
import {
  checkoutScript,
  checkState,
  DAMAGED,
  migrateScript,
  type Place,
  restoreScript,
} from "../host/release-state.ts";
import { settledAfter } from "../plan/settled-after.ts";
import { placedAside, releaseStep, repairSteps, wayOf } from "../plan/steps.ts";
import type { CommandContext } from "../run/chain.ts";
import { failed } from "./failed.ts";
import { checkShared, placeOf } from "./place.ts";
import { NAMED, reportAside, send } from "./send.ts";
import { useCache } from "./use-cache.ts";

export async function uploadBuildout(context: CommandContext): Promise<void> {
  const { session, deployment, options } = context;
  // Check what the build needs before anything changes.
  await deployment.secrets();
  await repairState(context);
  await useCache(context);
  const facts = await session.facts();
  const release = await deployment.release();
  checkShared(options, release.files);
  await session.noteRelease(release.id);
  const releases = await hostReleases(context);
  const way = wayOf(release.id, facts, releases, options);
  if (way === undefined) {
    session.note(`Release ${release.id} is already on the host`);
    warnOfDrift(context, releases.drift, "It is kept.");
    const nothing = { before: new Map<string, string>(), missing: [], removed: [] };
    facts.settled = settledAfter(facts, { release, way, ...nothing, drift: releases.drift });
    deployment.takeReceiver()?.cancel();
    return;
  }
  const gone = way.aside
    ? `Release ${way.number} does not include the change.`
    : "It is overwritten; .hostout/replaced has the old content.";
  warnOfDrift(context, releases.drift, options.keepDrift ? "It is kept." : gone);
  const { number } = way;
  const { isAsSeen } = session;
  if (way.again) {
    session.emit({ type: "step", step: releaseStep(release.id, way, [], []) });
    deployment.takeReceiver()?.cancel();
  }
  if (way.again && (await checkOut(context, number, placeOf(options, release.folders), ""))) {
    facts.settled = undefined;
  } else await send(context, release, way);
  releases.kept.set(number, release.id);
  if (way.aside) facts.aside = { state: "made", number, id: release.id };
  else {
    facts.checkout = { number, id: release.id };
    facts.unfinished = false;
  }
  if (isAsSeen) session.seeAgain();
  session.note(`Wrote versions to ${release.configuration}`);
}

/** Upgrades the state of the host, and undoes an interrupted deployment. */
export async function repairState(context: CommandContext): Promise<void> {
  const { session } = context;
  const facts = await session.facts();
  checkState(facts, context.options);
  const [step] = repairSteps(facts);
  if (step === undefined) return;
  session.emit({ type: "step", step });
  const connection = await session.buildoutConnection();
  const run = async (script: string, what: string) => {
    const result = await connection.sh(script, { signal: session.signal });
    if (result.code !== 0) throw failed(what, result);
  };
  if (facts.interrupted) {
    session.note("An earlier deployment was interrupted; undoing its partial changes first");
  }
  if (facts.former) {
    session.note("The state on the host is from an earlier version; upgrading it");
    await run(migrateScript(facts.path, facts.cache), "Upgrading the state");
  } else await run(restoreScript(facts.path), "Undoing the interrupted deployment");
  session.forget();
}

/**
 * The releases of the host, and foreign changes since the last one; for commands that declare `releases`.
 *
 * @throws BuildoutError `state-damaged`
 */
export async function hostReleases({ session, options }: CommandContext): Promise<HostReleases> {
  const { path, releases } = await session.facts();
  if (releases !== undefined) return releases;
  throw new BuildoutError("state-damaged", `The releases of ${options.name} cannot be read.`, {
    hint: `The buildout user must be able to write in ${path}/${STATE}: 'setowners' fixes that.`,
  });
}

export function warnOfDrift(
  { session, options }: CommandContext,
  drift: readonly Drift[],
  consequence: string,
): void {
  const words: Record<Drift["what"], string> = {
    changed: "was changed",
    missing: "was removed",
    mode: "has another mode",
    kind: "was replaced by another kind of file",
  };
  for (const { what, path } of drift.slice(0, NAMED)) {
    const text = `'${path}' ${words[what]} on ${options.name} since its last release.`;
    session.emit({ type: "warning", text: what === "missing" ? text : `${text} ${consequence}` });
  }
  if (drift.length > NAMED) {
    session.emit({ type: "warning", text: `So were ${drift.length - NAMED} more.` });
  }
}

/** Checks out a release that the host has. Returns false if it is damaged there. */
export async function checkOut(
  context: CommandContext,
  number: number,
  place: Place,
  note: string,
): Promise<boolean> {
  const { session, options } = context;
  const { path } = await session.facts();
  const connection = await session.buildoutConnection();
  const script = checkoutScript(path, { number, note, place, keepDrift: options.keepDrift });
  const result = await session.timed("checkout", () =>
    connection.sh(script, { signal: session.signal }),
  );
  if (result.code === DAMAGED) return false;
  if (result.code !== 0) throw failed(`Checking out release ${number}`, result);
  reportAside(context, result.stdout);
  return true;
}

/** Throws `not-uploaded` unless the files of this release are on the host. */
export async function requireUploaded(context: CommandContext): Promise<NumberedRelease> {
  const { id } = await context.deployment.release();
  return requireCheckout(context, id);
}

/** The release whose files are on the host; throws `not-uploaded` unless there is one, that of `id`. */
export async function requireCheckout(
  { session, options }: CommandContext,
  id?: string,
): Promise<NumberedRelease> {
  const facts = await session.facts();
  const inPlace = facts.unfinished ? undefined : facts.checkout;
  const placed = options.atomic ? placedAside(facts, id) : inPlace;
  if (placed !== undefined && placed.id === (id ?? placed.id)) return placed;
  throw new BuildoutError(
    "not-uploaded",
    id === undefined
      ? `No release of this buildout is on ${options.host}.`
      : `Release ${id} of this buildout is not on ${options.host}.`,
    { hint: "Run 'uploadeggs uploadbuildout buildout', or 'deploy' for all of it." },
  );
}
