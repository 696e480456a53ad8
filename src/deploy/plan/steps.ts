/**
 * A deployment as data: facts about the host and the project in, steps out. A plan prints the steps; the
 * commands of a deployment run them.
 */
import type { HostPlan, Step } from "../../events/deployment-plan.ts";
import { nextNumber } from "../host/history.ts";
import {
  CURRENT,
  type HostFacts,
  type NumberedRelease,
  PYTHON_ENGINE,
  RELEASES,
} from "../host/probe.ts";
import type { HostReleases } from "../host/release-list.ts";
import type { HostOptions } from "../part/options.ts";

type StepOf<Name extends Step["step"]> = Extract<Step, { step: Name }>;

/** First step if an earlier deployment was interrupted, or the state is from an earlier version. */
export function repairSteps({
  buildoutUser,
  former,
  interrupted,
}: Pick<HostFacts, "buildoutUser" | "former" | "interrupted">): StepOf<"repair">[] {
  if (!buildoutUser || !(former || interrupted)) return [];
  return [{ step: "repair", what: former ? "former" : "cut-off" }];
}

/** The step that installs the engine; `file` is the name of ours on the host. */
export function engineSteps(
  facts: Pick<HostFacts, "buildoutUser" | "engine" | "hasBuildout">,
  engine: HostOptions["engine"],
  file: string,
): (StepOf<"bootstrap"> | StepOf<"engine">)[] {
  if (!facts.hasBuildout || !facts.buildoutUser) return [{ step: "bootstrap", why: "missing" }];
  const hasPython = facts.engine === PYTHON_ENGINE;
  if (hasPython !== (engine === "python")) return [{ step: "bootstrap", why: "engine" }];
  // An unknown bin/buildout is left alone.
  if (hasPython || facts.engine === undefined || facts.engine === file) return [];
  return [{ step: "engine", file }];
}

/** Shell commands from the options, as run on the host in the directory `path`. */
export function commandSteps(
  when: "before" | "after",
  { preCommands, postCommands, noSudo }: CommandOptions,
  directory: string,
  path: string,
): StepOf<"command">[] {
  return (when === "before" ? preCommands : postCommands).map((line) => {
    const command = line.replaceAll(directory, path).replaceAll("$${", "${");
    return { step: "command", when, command, sudo: !noSudo };
  });
}

/** The directory of the current release after a deployment, where commands run. */
export function directoryAfter({ atomic }: Pick<HostOptions, "atomic">, path: string): string {
  return atomic ? `${path}/${CURRENT}` : path;
}

type CommandOptions = Pick<HostOptions, "preCommands" | "postCommands" | "noSudo">;

/** A package of the release, with its archive `file` and size. */
export interface PackageFile {
  name: string;
  version: string;
  file: string;
  bytes: number;
}

/** The packages whose archives the host lacks. */
export function packageSteps(
  packages: readonly PackageFile[],
  { dist }: Pick<HostFacts, "dist">,
): StepOf<"package">[] {
  const missing = packages.filter(({ file }) => !dist.has(file));
  return missing.map(({ name, version, file, bytes }) => {
    return { step: "package", name, version, file, bytes };
  });
}

/** How a release gets on the host. */
export interface Way {
  number: number;
  /** The host has it and only restores its files. */
  again: boolean;
  /** The release on the host whose unchanged files need not be sent. */
  base: number | undefined;
  /** It gets its own directory. */
  aside: boolean;
}

type WayFacts = Pick<HostFacts, "checkout" | "unfinished" | "aside" | "current" | "link" | "built">;
type WayOptions = Pick<HostOptions, "keepDrift" | "atomic">;

/** The way of release `id`; undefined if its files are already in place. */
export function wayOf(
  id: string,
  facts: WayFacts,
  releases: HostReleases,
  options: WayOptions,
): Way | undefined {
  return options.atomic
    ? asideWay(id, facts, releases, options)
    : inPlaceWay(id, facts, releases, options);
}

/** A new number gets a new directory: the current one stays unchanged. */
function asideWay(
  id: string,
  facts: WayFacts,
  { drift, kept, history }: HostReleases,
  { keepDrift }: WayOptions,
): Way | undefined {
  const { aside, built, checkout, current } = facts;
  if (aside?.state === "made" && aside.id === id) return undefined;
  if (currentAside(facts)?.id === id && (keepDrift || drift.length === 0)) return undefined;
  const used = [...kept.keys(), ...built, checkout?.number ?? 0, aside?.number ?? 0];
  const base = baseOf(id, kept, current ?? checkout);
  return { number: nextNumber(history, used), again: false, base, aside: true };
}

/** The current release, if it has its own directory. */
export function currentAside({
  current,
  link,
}: Pick<HostFacts, "current" | "link">): NumberedRelease | undefined {
  return current !== undefined && current.number === link ? current : undefined;
}

/** The newest release with its own directory in which `id`, or any release, is built. */
export function placedAside(
  facts: Pick<HostFacts, "aside" | "current" | "link">,
  id?: string,
): NumberedRelease | undefined {
  const { aside } = facts;
  const made = aside?.state === "made" || aside?.state === "built" ? aside : undefined;
  const placed = [made, currentAside(facts)];
  return placed.find((one) => one !== undefined && one.id === (id ?? one.id));
}

function inPlaceWay(
  id: string,
  { checkout, unfinished }: WayFacts,
  { drift, kept, history }: HostReleases,
  { keepDrift }: WayOptions,
): Way | undefined {
  const isThere = checkout?.id === id && !unfinished;
  if (isThere && (keepDrift || drift.length === 0)) return undefined;
  const again = isThere && kept.get(checkout.number) === id;
  return {
    number: again ? checkout.number : nextNumber(history, [...kept.keys(), checkout?.number ?? 0]),
    again,
    base: baseOf(id, kept, checkout),
    aside: false,
  };
}

function baseOf(
  id: string,
  kept: HostReleases["kept"],
  checkout: NumberedRelease | undefined,
): number | undefined {
  const same = [...kept.keys()].filter((number) => kept.get(number) === id).at(-1);
  return same ?? (checkout && kept.has(checkout.number) ? checkout.number : undefined);
}

/** The step for a release on this way; `missing` are the files that the base lacks. */
export function releaseStep(
  id: string,
  { number, again, base, aside }: Way,
  missing: readonly { path: string; size: number }[],
  removed: readonly string[],
): StepOf<"release"> {
  return {
    step: "release",
    ...{ number, id },
    sent: again ? [] : missing.map(({ path }) => path).sort(),
    removed: again ? [] : [...removed].sort(),
    bytes: again ? 0 : missing.reduce((sum, { size }) => sum + size, 0),
    ...(base !== undefined && { base }),
    ...(aside && { directory: directoryOf(number) }),
  };
}

/** The directory of a release below the path. */
export function directoryOf(number: number): string {
  return `${RELEASES}/${number}`;
}

/** Whether only built-in commands run before the end of a build, so that it can be skipped. */
export function mayRest(overrides: HostPlan["overrides"]): boolean {
  return overrides.every(({ command }) => command === "postdeploy");
}

/**
 * The build of a release in place. None if only its files were put there before it, and nothing that a build
 * depends on has changed since the last one.
 */
export function buildSteps(
  { id, configuration }: { id: string; configuration: string },
  { settled }: Pick<HostFacts, "settled">,
  isFirst: boolean,
): StepOf<"build">[] {
  return isFirst && settled?.id === id ? [] : [buildStep(configuration)];
}

export function buildStep(configuration: string, directory?: string): StepOf<"build"> {
  return { step: "build", configuration, ...(directory !== undefined && { directory }) };
}

export function switchStep({ number, id }: NumberedRelease): StepOf<"switch"> {
  return { step: "switch", number, id };
}

/** The check of the data version after the release is in place. */
export function dataSteps({
  dataVersion,
}: Pick<HostOptions, "dataVersion">): StepOf<"data-version">[] {
  return dataVersion === undefined ? [] : [{ step: "data-version", command: dataVersion }];
}

/** The health check at the end. */
export function healthSteps({ health }: Pick<HostOptions, "health">): StepOf<"health">[] {
  if (health === undefined) return [];
  const { shown: check, passes, timeout } = health;
  return [{ step: "health", check, passes, timeout }];
}

interface RootOptions {
  sudoParts: readonly string[];
  noSudo: boolean;
}

/** The parts that root builds after the others, if any. */
export function rootSteps({ sudoParts, noSudo }: RootOptions): StepOf<"root-build">[] {
  return sudoParts.length === 0
    ? []
    : [{ step: "root-build", parts: [...sudoParts], sudo: !noSudo }];
}

/** The steps that build a release in its directory and make it current. */
export function asideSteps(
  options: RootOptions,
  release: NumberedRelease,
  configuration: string,
): Step[] {
  const { number } = release;
  return [
    buildStep(configuration, directoryOf(number)),
    ...rootSteps(options),
    switchStep(release),
  ];
}
