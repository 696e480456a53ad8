/** Sends a release to a host. */
import { hostname, userInfo } from "node:os";
import { BuildoutError } from "../../errors/error.ts";
import type { ExecOptions, ExecResult } from "../../ssh/commands/exec.ts";
import type { HostFacts } from "../host/probe.ts";
import {
  type Arrival,
  DAMAGED,
  damagedPaths,
  isCurrent,
  NOT_NOTED,
  receiveProgram,
  receiveWords,
} from "../host/release-state.ts";
import { settledAfter } from "../plan/settled-after.ts";
import { releaseStep, type Way } from "../plan/steps.ts";
import { isNear } from "../release/compression.ts";
import type { PlannedRelease } from "../release/deployment.ts";
import { type BundleFile, madeFile } from "../release/fileset.ts";
import { compare, entryLine, manifestText } from "../release/manifest.ts";
import type { CommandContext } from "../run/chain.ts";
import { startBuild } from "./build-ahead.ts";
import { endingOf, warnOfStaying } from "./ending.ts";
import { failed } from "./failed.ts";
import { keptManifest } from "./kept-release.ts";
import { placeOf } from "./place.ts";

/** Number of paths to list; the rest are counted. */
export const NAMED = 20;

/**
 * Sends the missing files of a release; sends all of it if the host's files are damaged. If the release needs no build
 * and nothing else comes before it, it becomes the current one.
 */
export async function send(
  context: CommandContext,
  release: PlannedRelease,
  way: Way,
): Promise<void> {
  const { session, deployment, options } = context;
  const { id, files } = release;
  const { number, base: wanted } = way;
  const { isAsSeen } = session;
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
  const facts = await session.facts();
  const drift = facts.releases?.drift ?? [];
  const settled = settledAfter(facts, { release, way, before, missing, removed, drift });
  const rests = settled !== undefined && deployment.mayRest && isAsSeen;
  const arrival = {
    ...{ number, base, keepDrift: options.keepDrift },
    seen: isAsSeen && isAsRecorded(facts, way),
    rest: rests ? endingOf(options, facts, number) : undefined,
  };
  const meanwhile = async () => {
    if (arrival.rest === undefined && facts.hasTar && !way.aside) {
      await startBuild(context, release, number, removed);
    }
    deployment.manifests.keep(id, manifestText(id, files));
  };
  const result = await session.timed("release to the host", () =>
    transfer(context, release, missing, arrival, meanwhile),
  );
  facts.settled = undefined;
  if (result.code !== DAMAGED) {
    succeed(result);
    if (!isCurrent(result.stdout)) return;
    warnOfStaying(context, facts.path, result.stdout);
    facts.current = { number, id };
    facts.settled = settled;
    return;
  }
  if (base === undefined) throw changedMeanwhile(result);
  session.emit({
    type: "warning",
    text: `Damaged files of an earlier release on the host are sent again: ${namesOf(result)}`,
  });
  const whole = { ...arrival, base: undefined, seen: false, rest: undefined };
  const again = await transfer(context, release, files, whole, async () => {});
  if (again.code === DAMAGED) throw changedMeanwhile(again);
  succeed(again);

  function succeed(outcome: ExecResult): void {
    if (outcome.code === NOT_NOTED) {
      session.forget();
      throw failed(`Making release ${number} the current one`, outcome);
    }
    if (outcome.code !== 0) throw failed(`Checking out release ${id}`, outcome);
    reportAside(context, outcome.stdout);
  }
}

/** Whether the buildout directory has exactly the files of the release that the new one replaces. */
function isAsRecorded({ asRecorded, checkout, unfinished }: HostFacts, way: Way): boolean {
  return asRecorded && !unfinished && !way.aside && checkout?.number === way.base;
}

/** The manifest of a kept release to start from; if it is damaged on the host, that refuses what is sent. */
async function manifestOfBase(
  context: CommandContext,
  number: number,
): Promise<ReadonlyMap<string, string> | undefined> {
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
  arrival: Omit<Arrival, "note" | "place" | "comes">,
  /** Runs here while the host puts the files in place. */
  meanwhile: () => Promise<void>,
): Promise<ExecResult> {
  const { path, hasTar } = await session.facts();
  const { id, folders } = release;
  const { commit, dirty } = (await deployment.commit()) ?? {};
  const note = JSON.stringify({
    ...{ number: arrival.number, id, start: null },
    ...{ who: `${userInfo().username}@${hostname()}`, commit, dirty },
    ...{ tool: deployment.programs.version, pins: release.pins },
    ...(release.secrets.length > 0 && { secrets: release.secrets }),
    sudoParts: options.sudoParts,
  });
  const connection = await session.buildoutConnection();
  const form = isNear(connection.latency) ? "tar" : "tgz";
  const firstLine = receiveWords(path, {
    ...arrival,
    ...{ note, place: placeOf(options, folders), comes: hasTar ? form : "files" },
  });
  const { signal } = session;
  const receive = async (input?: ExecOptions["input"]) => {
    const told = { firstLine, ...(input !== undefined && { input }) };
    const result = await deployment.takeReceiver()?.proceed(told);
    return result ?? connection.sh(receiveProgram(options), { signal, ...told });
  };
  const { archive, total } = archiveOf(release, missing);
  let sent: (() => number) | undefined;
  const onProgress = (bytes: number) => {
    const wire = sent && { sent: sent() };
    session.emit({ type: "transfer", name: `release ${id}`, bytes, total, ...wire });
  };
  if (!hasTar) {
    const { putFiles } = await import("../release/put-files.ts");
    const put = await putFiles(connection, path, archive, { signal, onProgress });
    if (put.code !== 0) return put;
    await meanwhile();
    return receive();
  }
  const { makeBundle } = await import("../release/bundle.ts");
  const { stream, done, sent: count } = makeBundle(archive, form, onProgress);
  sent = count;
  const running = receive(stream);
  // A packing error is more useful than the host's error about an incomplete archive.
  const [packed, result] = await Promise.allSettled([done.then(meanwhile), running]);
  if (packed.status === "rejected" && packed.reason instanceof BuildoutError) throw packed.reason;
  if (result.status === "rejected") throw result.reason;
  onProgress(total);
  return result.value;
}

/** What to send of a release: its manifest, and the files that the host lacks, each made when it is read. */
function archiveOf(
  { id, files }: PlannedRelease,
  missing: readonly BundleFile[],
): { archive: Iterable<BundleFile>; total: number } {
  const manifest = madeFile("manifest", manifestText(id, files));
  const archive = {
    *[Symbol.iterator]() {
      yield manifest;
      for (const file of missing) {
        if (file.kind !== "directory") yield { ...file, path: `tree/${file.path}` };
      }
    },
  };
  return { archive, total: missing.reduce((sum, { size }) => sum + size, manifest.size) };
}

/** Bytes to transfer. */
export async function bytesToSend(
  { session }: CommandContext,
  release: PlannedRelease,
  missing: readonly BundleFile[],
): Promise<number> {
  const { archive, total } = archiveOf(release, missing);
  const { hasTar } = await session.facts();
  if (!hasTar) return total;
  const { makeBundle } = await import("../release/bundle.ts");
  const { stream, done, sent } = makeBundle(
    archive,
    isNear(await session.latency()) ? "tar" : "tgz",
  );
  stream.resume();
  await done;
  return sent();
}

/** Warns about unknown files that were replaced. */
export function reportAside({ session, options }: CommandContext, output: string): void {
  const moved = output.split("\n").flatMap((line) => /^aside (.+)$/.exec(line)?.[1] ?? []);
  if (moved.length === 0) return;
  const names = moved.slice(0, NAMED).join(", ");
  const more = moved.length > NAMED ? ` and ${moved.length - NAMED} more` : "";
  session.note(`.hostout/replaced on ${options.name} has the previous content of: ${names}${more}`);
}
