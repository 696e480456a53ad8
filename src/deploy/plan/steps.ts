/**
 * What a deployment does, as data: facts of the host and of the project in, steps out. A plan prints
 * the steps; the commands of a deployment run them.
 */
import type { Step } from "../../events/deployment-plan.ts";
import { nextNumber } from "../host/history.ts";
import { type HostFacts, type NumberedRelease, PYTHON_ENGINE } from "../host/probe.ts";
import type { HostReleases } from "../host/release-list.ts";
import type { HostOptions } from "../part/options.ts";

type StepOf<Name extends Step["step"]> = Extract<Step, { step: Name }>;

/** What a deployment begins with where an earlier one, or an earlier tool, left something undone. */
export function repairSteps({
  buildoutUser,
  former,
  interrupted,
}: Pick<HostFacts, "buildoutUser" | "former" | "interrupted">): StepOf<"repair">[] {
  if (!buildoutUser || !(former || interrupted)) return [];
  return [{ step: "repair", what: former ? "former" : "cut-off" }];
}

/** What brings the engine to the host; `file` is the name of ours there. */
export function engineSteps(
  facts: Pick<HostFacts, "buildoutUser" | "engine" | "hasBuildout">,
  engine: HostOptions["engine"],
  file: string,
): (StepOf<"bootstrap"> | StepOf<"engine">)[] {
  if (!facts.hasBuildout || !facts.buildoutUser) return [{ step: "bootstrap", why: "missing" }];
  const hasPython = facts.engine === PYTHON_ENGINE;
  if (hasPython !== (engine === "python")) return [{ step: "bootstrap", why: "engine" }];
  // A bin/buildout that nobody knows is left alone.
  if (hasPython || facts.engine === undefined || facts.engine === file) return [];
  return [{ step: "engine", file }];
}

/** Lines of shell commands in the options, as the host runs them in the directory `path`. */
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

type CommandOptions = Pick<HostOptions, "preCommands" | "postCommands" | "noSudo">;

/** A package of the release: its archive is `file`, of so many bytes. */
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

/** How a release gets into the buildout directory. */
export interface Way {
  number: number;
  /** The host has it, and only puts its files back. */
  again: boolean;
  /** The release on the host whose files need not be sent where they are the same. */
  base: number | undefined;
}

/** The way of release `id`; undefined where its files are in place. */
export function wayOf(
  id: string,
  { checkout, unfinished }: Pick<HostFacts, "checkout" | "unfinished">,
  releases: HostReleases,
  keepDrift: boolean,
): Way | undefined {
  const { drift, kept, history } = releases;
  const isThere = checkout?.id === id && !unfinished;
  if (isThere && (keepDrift || drift.length === 0)) return undefined;
  const again = isThere && kept.get(checkout.number) === id;
  return {
    number: again ? checkout.number : nextNumber(history, [...kept.keys(), checkout?.number ?? 0]),
    again,
    base: baseOf(id, kept, checkout),
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

/** The step of a release that goes this way; `missing` are the files that the base lacks. */
export function releaseStep(
  id: string,
  { number, again, base }: Way,
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
  };
}

export function buildStep(configuration: string): StepOf<"build"> {
  return { step: "build", configuration };
}

/** The parts that root builds behind the others, if any. */
export function rootSteps({
  sudoParts,
  noSudo,
}: Pick<HostOptions, "sudoParts" | "noSudo">): StepOf<"root-build">[] {
  return sudoParts.length === 0
    ? []
    : [{ step: "root-build", parts: [...sudoParts], sudo: !noSudo }];
}
