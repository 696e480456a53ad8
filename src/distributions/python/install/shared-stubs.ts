/**
 * The interpreter's own distributions as constraints for the installer: each is forced as the only version
 * of its project until something requires another one.
 */
import { mkdir } from "node:fs/promises";
import type { Candidate, Environment } from "../environment.ts";
import { type Chosen, fileSource, type InstallerFailure } from "../installers/installer.ts";
import { conflictSides } from "../installers/pip-output.ts";
import { candidateStub, writeStub } from "../installers/stub.ts";
import type { Interpreter } from "../interpreter.ts";
import type { Pins } from "../pins.ts";
import {
  allows,
  applies,
  normalizeName,
  parseRequirement,
  type Requirement,
  readRequirement,
} from "../requirement.ts";
import type { WorkingSet } from "../working-set.ts";

/** Conflicting distributions, by normalized name. */
function refusedBy({ installer, output }: InstallerFailure): Set<string> {
  if (installer === "pip") {
    return new Set(conflictSides(output, "").map(({ requirement }) => requirement.key));
  }
  // uv explains conflicts in prose.
  const story = /No solution found[\s\S]*/.exec(output)?.[0] ?? "";
  return new Set((story.match(/[A-Za-z0-9][\w.-]*/g) ?? []).map(normalizeName));
}

export class SharedStubs {
  private readonly counted: Map<string, Candidate>;
  private readonly pins: Pins;

  /** `others`: normalized names that need no stub. */
  constructor(
    environment: Environment,
    { demands }: WorkingSet,
    pins: Pins,
    others: ReadonlySet<string>,
  ) {
    this.pins = pins;
    const known = demands.map(({ requirement }) => requirement);
    this.counted = new Map(
      environment
        .shared()
        .filter((one) => !others.has(one.key) && this.meets(one, known))
        .map((one) => [one.key, one]),
    );
  }

  get keys(): ReadonlySet<string> {
    return new Set(this.counted.keys());
  }

  /** Constraints for the installer; their files are written to `folder`. */
  async constraints(folder: string): Promise<string[]> {
    await mkdir(folder, { recursive: true });
    // Not through find-links, since builds would use the stubs as requirements.
    const write = async (one: Candidate) =>
      fileSource(one.name, (await writeStub(candidateStub(one), folder)).file);
    return Promise.all([...this.counted.values()].map(write));
  }

  /** Excludes conflicting distributions; false: there are none. */
  dropRefused(failure: InstallerFailure): boolean {
    return this.drop(refusedBy(failure));
  }

  /** Excludes those that do not meet the requirements of other choices; false: all do. */
  dropUnfit(chosen: readonly Chosen[], { facts }: Interpreter): boolean {
    const requirements = chosen
      .flatMap(({ requires }) => requires.map(readRequirement))
      .filter((one) => one !== undefined && applies(one, facts)) as Requirement[];
    const unfit = [...this.counted.values()].filter((one) => !this.meets(one, requirements));
    return this.drop(new Set(unfit.map(({ key }) => key)));
  }

  private drop(keys: ReadonlySet<string>): boolean {
    const before = this.counted.size;
    for (const key of keys) this.counted.delete(key);
    return this.counted.size < before;
  }

  private meets({ key, name, version }: Candidate, requirements: readonly Requirement[]): boolean {
    const own = requirements.filter((one) => one.key === key);
    const bare = { requirement: parseRequirement(name), by: undefined };
    return [this.pins.constrain(bare), ...own].every((one) => allows(one, version));
  }
}
