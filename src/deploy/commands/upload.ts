/** uploadbuildout: puts the files of a release in the buildout directory of a host. */
import { hostname, userInfo } from "node:os";
import { BuildoutError } from "../../errors/error.ts";
import type { ExecResult } from "../../ssh/commands/exec.ts";
import { type NumberedRelease, type Settled, STATE } from "../host/probe.ts";
import type { Drift, HostReleases } from "../host/release-list.ts";
import {
  checkoutScript,
  checkState,
  DAMAGED,
  damagedPaths,
  migrateScript,
  type Place,
  receiveScript,
  restoreScript,
} from "../host/release-state.ts";
import {
  placedAside,
  releaseStep,
  repairSteps,
  settledAfter,
  type Way,
  wayOf,
} from "../plan/steps.ts";
import { isNear } from "../release/compression.ts";
import type { PlannedRelease } from "../release/deployment.ts";
import { type BundleFile, madeFile } from "../release/fileset.ts";
import { compare, entryLine, manifestText } from "../release/manifest.ts";
import type { CommandContext } from "../run/chain.ts";
import { failed } from "./failed.ts";
import { keptManifest } from "./kept-release.ts";
import { checkShared, placeOf } from "./place.ts";
import { useCache } from "./use-cache.ts";

/** Number of foreign changes to list; the rest are counted. */
export const NAMED = 20;

export async function uploadBuildout(context: CommandContext): Promise<void> {
  const { session, deployment, options } = context;
  // Check what the build needs before anything changes.
  await deployment.secrets();
  await repairState(context);
  const facts = await session.facts();
  const release = await deployment.release();
  checkShared(options, release.files);
  await session.noteRelease(release.id);
  const releases = await hostReleases(context);
  const way = wayOf(release.id, facts, releases, options);
  if (way === undefined) {
    session.note(`Release ${release.id} is already on the host`);
    warnOfDrift(context, releases.drift, "It is kept.");
    return;
  }
  const gone = way.aside
    ? `Release ${way.number} does not include the change.`
    : "It is overwritten; .hostout/replaced has the old content.";
  warnOfDrift(context, releases.drift, options.keepDrift ? "It is kept." : gone);
  const { number } = way;
  const { isAsSeen } = session;
  let settled: Settled | undefined;
  if (way.again) session.emit({ type: "step", step: releaseStep(release.id, way, [], []) });
  if (!way.again || !(await checkOut(context, number, placeOf(options, release.folders), ""))) {
    settled = await send(context, release, way);
  }
  releases.kept.set(number, release.id);
  if (way.aside) facts.aside = { state: "made", number, id: release.id };
  else {
    facts.checkout = { number, id: release.id };
    facts.unfinished = false;
  }
  facts.settled = settled;
  if (isAsSeen) session.seeAgain();
  session.note(`Wrote versions to ${release.configuration}`);
}

/** Upgrades the state of the host, and undoes an interrupted deployment. */
export async function repairState(context: CommandContext): Promise<void> {
  const { session } = context;
  const facts = await session.facts();
  checkState(facts, context.options);
  await useCache(context);
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

/**
 * Sends the missing files of a release; sends all of it if the host's files are damaged. Returns the release if it
 * needs no build.
 */
async function send(
  context: CommandContext,
  release: PlannedRelease,
  way: Way,
): Promise<Settled | undefined> {
  const { session, deployment } = context;
  const { id, files } = release;
  const { number, base: wanted } = way;
  // Requested while the host reports what it has.
  deployment.commit().catch(() => {});
  const known = wanted === undefined ? undefined : await manifestOfBase(context, wanted);
  const base = known === undefined ? undefined : wanted;
  const before = known ?? new Map<string, string>();
  const { added, changed, removed } = compare(files, before, entryLine);
  session.note(
    `Release ${id}: ${added.length + changed.length} of ${files.length} files new or changed, ${removed.length} removed`,
  );
  const missing = [...added, ...changed];
  if (!way.again) session.emit({ type: "step", step: releaseStep(id, way, missing, removed) });
  const result = await session.timed("release to the host", () =>
    transfer(context, release, missing, number, base),
  );
  if (result.code !== DAMAGED) {
    succeed(result);
    return settledAfter(await session.facts(), { release, way, before, missing, removed });
  }
  if (base === undefined) throw changedMeanwhile(result);
  session.emit({
    type: "warning",
    text: `Damaged files of an earlier release on the host are sent again: ${namesOf(result)}`,
  });
  const again = await transfer(context, release, files, number, undefined);
  if (again.code === DAMAGED) throw changedMeanwhile(again);
  succeed(again);
  return undefined;

  function succeed(outcome: ExecResult): void {
    if (outcome.code !== 0) throw failed(`Checking out release ${id}`, outcome);
    reportAside(context, outcome.stdout);
    deployment.manifests.keep(id, manifestText(id, files));
  }
}

/** The manifest of a kept release to start from; if it is damaged on the host, that refuses what is sent. */
async function manifestOfBase(
  context: CommandContext,
  number: number,
): Promise<Map<string, string> | undefined> {
  const { deployment, session } = context;
  const id = (await session.facts()).releases?.kept.get(number);
  const known = id === undefined ? undefined : deployment.manifests.read(id);
  return known ?? keptManifest(context, number);
}

const namesOf = ({ stdout }: ExecResult) => damagedPaths(stdout).slice(0, NAMED).join(", ");

function changedMeanwhile(result: ExecResult): BuildoutError {
  return new BuildoutError(
    "changed-while-reading",
    `Files changed while they were being sent: ${namesOf(result)}`,
    { hint: "Run the command again." },
  );
}

async function transfer(
  { session, options, deployment }: CommandContext,
  release: PlannedRelease,
  missing: readonly BundleFile[],
  number: number,
  base: number | undefined,
): Promise<ExecResult> {
  const { path, hasTar } = await session.facts();
  const { id, folders } = release;
  const { commit, dirty } = (await deployment.commit()) ?? {};
  const note = JSON.stringify({
    ...{ number, id, start: null },
    ...{ who: `${userInfo().username}@${hostname()}`, commit, dirty },
    ...{ tool: deployment.programs.version, pins: release.pins },
    ...(release.secrets.length > 0 && { secrets: release.secrets }),
    sudoParts: options.sudoParts,
  });
  const connection = await session.buildoutConnection();
  const form = isNear(connection.latency) ? "tar" : "tgz";
  const script = receiveScript(path, base, hasTar ? form : "files", {
    ...{ number, note, place: placeOf(options, folders), keepDrift: options.keepDrift },
  });
  const archive = archiveOf(release, missing);
  const total = archive.reduce((sum, { size }) => sum + size, 0);
  let sent: (() => number) | undefined;
  const onProgress = (bytes: number) => {
    const wire = sent && { sent: sent() };
    session.emit({ type: "transfer", name: `release ${id}`, bytes, total, ...wire });
  };
  if (!hasTar) {
    const { putFiles } = await import("../release/put-files.ts");
    const { signal } = session;
    const put = await putFiles(connection, path, archive, { signal, onProgress });
    return put.code === 0 ? connection.sh(script, { signal }) : put;
  }
  const { makeBundle } = await import("../release/bundle.ts");
  const { stream, done, sent: count } = makeBundle(archive, form, onProgress);
  sent = count;
  const running = connection.sh(script, { signal: session.signal, input: stream });
  // A packing error is more useful than the host's error about an incomplete archive.
  const [packed, result] = await Promise.allSettled([done, running]);
  if (packed.status === "rejected" && packed.reason instanceof BuildoutError) throw packed.reason;
  if (result.status === "rejected") throw result.reason;
  onProgress(total);
  return result.value;
}

/** What to send of a release: its manifest, and the files that the host lacks. */
function archiveOf({ id, files }: PlannedRelease, missing: readonly BundleFile[]): BundleFile[] {
  return [
    madeFile("manifest", manifestText(id, files)),
    ...missing
      .filter(({ kind }) => kind !== "directory")
      .map((file) => ({ ...file, path: `tree/${file.path}` })),
  ];
}

/** Bytes to transfer. */
export async function bytesToSend(
  { session }: CommandContext,
  release: PlannedRelease,
  missing: readonly BundleFile[],
): Promise<number> {
  const archive = archiveOf(release, missing);
  const { hasTar } = await session.facts();
  if (!hasTar) return archive.reduce((sum, { size }) => sum + size, 0);
  const { makeBundle } = await import("../release/bundle.ts");
  const { stream, done, sent } = makeBundle(
    archive,
    isNear(await session.latency()) ? "tar" : "tgz",
  );
  stream.resume();
  await done;
  return sent();
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

/** Warns about unknown files that were replaced. */
function reportAside({ session, options }: CommandContext, output: string): void {
  const moved = output.split("\n").flatMap((line) => /^aside (.+)$/.exec(line)?.[1] ?? []);
  if (moved.length === 0) return;
  const names = moved.slice(0, NAMED).join(", ");
  const more = moved.length > NAMED ? ` and ${moved.length - NAMED} more` : "";
  session.note(`.hostout/replaced on ${options.name} has the previous content of: ${names}${more}`);
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
