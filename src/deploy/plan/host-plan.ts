import type { HostPlan, ShownRelease, Step } from "../../events/deployment-plan.ts";
import type { PlannedPart } from "../../events/engine.ts";
import type { Look } from "../host/look.ts";
import type { HostFacts, NumberedRelease } from "../host/probe.ts";
import type { HostReleases } from "../host/release-list.ts";
import { addressOf } from "../part/address.ts";
import type { HostOptions } from "../part/options.ts";
import type { Commit } from "../release/commit.ts";
import type { PlannedRelease } from "../release/deployment.ts";
import { compare, entryLine } from "../release/manifest.ts";
import { configurationIn } from "../release/release.ts";
import { type FileFacts, fileChanges } from "./file-changes.ts";
import { packageChanges, pinsOf, versionChanges, withoutPins } from "./pins.ts";
import type { PartsAnswer } from "./planned-parts.ts";
import { hashOf, hashOfOptions } from "./saved-plan.ts";
import { settledAfter } from "./settled-after.ts";
import {
  asideSteps,
  buildSteps,
  commandSteps,
  dataSteps,
  directoryAfter,
  directoryOf,
  engineSteps,
  healthSteps,
  mayRest,
  type PackageFile,
  packageSteps,
  placedAside,
  releaseStep,
  repairSteps,
  rootSteps,
  switchStep,
  type Way,
} from "./steps.ts";

/** The data for a plan. */
export interface PlanFacts {
  options: HostOptions;
  /** The options as written, without secrets. */
  written: HostOptions;
  /** The local buildout directory. */
  directory: string;
  host: HostFacts;
  releases: HostReleases;
  /** The release to compare with, and the place of its files: in its own directory or in place. */
  there: { release: NumberedRelease | undefined; path: string; isAside: boolean };
  /** Its manifest. */
  before: ReadonlyMap<string, string>;
  /** Undefined if there is no buildout directory yet. */
  look: Look | undefined;
  engine: { name: string };
  /** Bytes to send for the release and the engine. */
  sent: { release: number; engine: number };
  packages: readonly PackageFile[];
  release: PlannedRelease;
  commit: Commit | undefined;
  way: Way | undefined;
  /** The manifest of the base of `way`. */
  base: ReadonlyMap<string, string>;
  parts: PartsAnswer;
  requiredBy: ReadonlyMap<string, string[]>;
  overrides: HostPlan["overrides"];
  bootstrap: string[];
  diffs: boolean;
  read: FileFacts["read"];
}

/** Names of files that a deployment creates. Their changes are shown as packages and versions. */
const PINNED = "pinned.cfg";

/** The steps of a deployment, in order. */
function stepsOf(facts: PlanFacts): Step[] {
  const { host, options, directory, release, way } = facts;
  const before = commandSteps("before", options, directory, host.directory);
  const after = commandSteps("after", options, directory, directoryAfter(options, host.path));
  const first: Step[] = [
    ...repairSteps(host),
    ...engineSteps(host, options.engine, facts.engine.name),
    ...before,
    ...packageSteps(facts.packages, host),
    ...(way === undefined ? [] : [stepOfRelease(facts, way)]),
  ];
  const isFirst = first.every(({ step }) => step === "release") && mayRest(facts.overrides);
  const settled = settledAfterRelease(facts);
  return [
    ...first,
    ...(options.atomic
      ? stepsAside(facts)
      : [...buildSteps(release, { settled }, isFirst), ...rootSteps(options)]),
    ...after,
    ...dataSteps(options),
    ...healthSteps(options),
  ];
}

/** None if the release is already current. */
function stepsAside({ host, options, release, way }: PlanFacts): Step[] {
  const placed = placedAside(host, release.id);
  const number = way?.number ?? placed?.number;
  if (number === undefined) return [];
  // A deployment may have been interrupted right after the switch.
  if (way === undefined && number === host.link) {
    return host.aside?.number === number ? [switchStep({ number, id: release.id })] : [];
  }
  return asideSteps(options, { number, id: release.id }, release.configuration);
}

function settledAfterRelease({ host, release, releases, way, base: before }: PlanFacts) {
  const { added, changed, removed } = compare(release.files, before, entryLine);
  const missing = [...added, ...changed];
  const { drift } = releases;
  return settledAfter(host, { release, way, before, missing, removed, drift });
}

function stepOfRelease({ release, base }: PlanFacts, way: Way): Step {
  const { added, changed, removed } = compare(release.files, base, entryLine);
  return releaseStep(release.id, way, [...added, ...changed], removed);
}

export function hostPlan(facts: PlanFacts): HostPlan {
  const { host, options, release, releases, parts, commit } = facts;
  const steps = stepsOf(facts);
  const isEngine = (one: Step) =>
    one.step === "engine" || (one.step === "bootstrap" && options.engine === "node");
  const known = "parts" in parts ? partsToBuild(facts, parts.parts, steps) : [];
  const current = host.current && shownRelease(host.current, releases);
  return {
    ...{ address: addressOf(options), path: host.path },
    ...(current !== undefined && { current }),
    release: {
      number: facts.way?.number ?? placedNumber(facts) ?? 1,
      id: release.id,
      ...(commit !== undefined && commit),
    },
    steps,
    ...changesOfRelease(facts, steps),
    parts: known,
    ...{ bootstrap: facts.bootstrap, overrides: facts.overrides },
    basis: basisOf(facts),
    notes: notes(facts),
    bytes: steps.reduce((sum, one) => {
      if (one.step === "package") return sum + one.bytes;
      if (one.step === "release") return sum + facts.sent.release;
      return sum + (isEngine(one) ? facts.sent.engine : 0);
    }, 0),
    sudo: steps.some((one) => "sudo" in one && one.sudo),
    changes:
      host.current?.id !== release.id ||
      "unknown" in parts ||
      known.some(({ action }) => action !== "update") ||
      steps.some(({ step }) => !AGAIN.has(step)),
  };
}

/** None without a build. In its own directory, a release starts with root's parts of the previous one. */
function partsToBuild(
  { options }: PlanFacts,
  parts: readonly PlannedPart[],
  steps: readonly Step[],
): PlannedPart[] {
  if (!steps.some(({ step }) => step === "build")) return [];
  if (!options.atomic) return [...parts];
  return parts.filter(
    ({ action, part }) => action !== "uninstall" || !options.sudoParts.includes(part),
  );
}

/** For a release whose files are already in place. */
function placedNumber({ host, options, release }: PlanFacts): number | undefined {
  return (options.atomic ? placedAside(host, release.id) : host.checkout)?.number;
}

/** What a plan depends on, besides the release and its number on the host. */
function basisOf({ written, releases, look }: PlanFacts): HostPlan["basis"] {
  const drift = releases.drift.map(({ what, path }) => [what, path, look?.files.get(path)?.hash]);
  return {
    options: hashOfOptions(written),
    drift: hashOf(drift.sort()),
    installed: look?.installed ?? "",
  };
}

/** What every deployment repeats. */
const AGAIN: ReadonlySet<Step["step"]> = new Set([
  "command",
  "build",
  "root-build",
  "data-version",
  "health",
]);

function shownRelease(
  { number, id }: { number: number; id: string },
  { history }: HostReleases,
): ShownRelease {
  const attempt = history.attempts.find((one) => one.number === number);
  const { who, start, commit, dirty } = attempt ?? {};
  return {
    ...{ number, id },
    ...(who !== undefined && { who }),
    ...(start !== undefined && { start }),
    ...(commit !== undefined && { commit }),
    ...(dirty !== undefined && { dirty }),
  };
}

/** Packages, versions and files. */
function changesOfRelease(
  facts: PlanFacts,
  steps: readonly Step[],
): Pick<HostPlan, "packages" | "versions" | "files"> {
  const { options, there, release, releases, look } = facts;
  const former = there.release && configurationIn(facts.before.keys(), there.release.id);
  const own = new Set([PINNED, release.configuration, former]);
  const isOthers = ([path]: [string, string]) => !own.has(path);
  const seen = look?.files ?? new Map();
  const textOf = (path: string | undefined) =>
    (path === undefined ? undefined : seen.get(path)?.content?.toString()) ?? "";
  const text = facts.read(release.configuration).content.toString();
  const toSend = steps.flatMap((one) => (one.step === "package" ? [one.file] : []));
  const fileFacts: FileFacts = {
    before: new Map([...facts.before].filter(isOthers)),
    now: new Map(
      release.files.map((file): [string, string] => [file.path, entryLine(file)]).filter(isOthers),
    ),
    drift: releases.drift,
    keepDrift: options.keepDrift,
    // In a first release, everything is new.
    ...{ seen, diffs: facts.diffs && there.release !== undefined, read: facts.read },
  };
  const settings = {
    before: new Map(former === undefined ? [] : [[release.configuration, "before"]]),
    now: new Map([[release.configuration, "now"]]),
    ...{ drift: [], keepDrift: false, diffs: facts.diffs },
    seen: new Map([
      [
        release.configuration,
        { hash: "", size: 0, content: Buffer.from(withoutPins(textOf(former))) },
      ],
    ]),
    read: () => ({ content: Buffer.from(withoutPins(text)), isPrivate: false }),
  };
  const isOther = former !== undefined && withoutPins(textOf(former)) !== withoutPins(text);
  return {
    packages: packageChanges(pinsOf(textOf(PINNED)), facts.packages, new Set(toSend)),
    versions: versionChanges(
      pinsOf(textOf(former)),
      pinsOf(text),
      release.pinPlaces,
      facts.requiredBy,
    ),
    files: [...(isOther ? fileChanges(settings) : []), ...fileChanges(fileFacts)],
  };
}

function notes({ host, parts, options, way, there }: PlanFacts): string[] {
  return [
    ...(way?.aside && there.release !== undefined
      ? [
          `All parts are installed from scratch, in ${host.path}/${directoryOf(way.number)}; shown are their differences from release ${there.release.number}.`,
        ]
      : []),
    ...(host.former
      ? [
          "The state on the host is from an earlier version and is upgraded first; the number of the release is only known after that.",
        ]
      : []),
    ...(host.interrupted || (host.unfinished && !options.atomic)
      ? [
          "An earlier deployment was interrupted. Its partial changes are undone first, so there may be fewer files to change.",
        ]
      : []),
    ...("unknown" in parts ? [`What happens to the parts is not known yet: ${parts.unknown}`] : []),
    ...("parts" in parts && parts.fromRecord
      ? [
          "zc.buildout cannot plan: parts are compared with the host's record, without asking recipes.",
        ]
      : []),
    ...(options.sudoParts.length > 0
      ? [`Root builds ${options.sudoParts.join(", ")} after the other parts.`]
      : []),
  ];
}
