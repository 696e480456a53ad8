import type { PythonFacts } from "../../../config/conditions/facts.ts";
import type { Chosen } from "../installers/installer.ts";
import type { Pins } from "../pins.ts";
import {
  applies,
  isExact,
  normalizeName,
  parseRequirement,
  type Requirement,
  requirementText,
} from "../requirement.ts";
import type { WorkingSet } from "../working-set.ts";
import { unpinned } from "./checks.ts";
import { inOrderOfNeed, type Needs, needsOf } from "./order-of-need.ts";

interface Question {
  requirements: readonly string[];
  /** The installer's choices, except develop packages and provided ones. */
  chosen: readonly Chosen[];
  /** Installed distributions. */
  set: WorkingSet;
  pins: Pins;
  /** The source of the requirements. */
  asker: string;
  facts: () => PythonFacts;
}

/** Throws `unpinned-version` for the first unpinned distribution in zc.buildout's order. */
export function checkPins({ requirements, chosen, set, pins, asker, facts }: Question): void {
  const picked = new Map(chosen.map((one) => [normalizeName(one.name), one]));
  const needs = new Map<string, Needs>([
    ...set.members.map((one): [string, Needs] => [one.key, (extras) => one.requires(extras)]),
    ...chosen.map(({ name, requires }): [string, Needs] => [
      normalizeName(name),
      needsOf(requires.map(parseRequirement), facts),
    ]),
  ]);
  const seen = new Set<string>();
  const check = (requirement: Requirement): void => {
    const { key } = requirement;
    const one = picked.get(key);
    if (one === undefined || seen.has(key)) return;
    seen.add(key);
    if (isExact(requirement) || pins.isExact(key)) return;
    const by = one.requiredBy.length > 0 ? one.requiredBy : [asker];
    throw unpinned(one.name, one.version, by, requirementText(requirement));
  };
  const roots = requirements.map(parseRequirement).filter((one) => applies(one, facts));
  for (const one of inOrderOfNeed(roots, needs)) check(one);
  // Distributions whose requirements the installer does not report.
  for (const { name } of chosen) check(parseRequirement(name));
}
