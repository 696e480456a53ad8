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

interface Question {
  requirements: readonly string[];
  /** What the installer chose, without what is developed or provided. */
  chosen: readonly Chosen[];
  /** What is there. */
  set: WorkingSet;
  pins: Pins;
  /** Who asks for the requirements. */
  asker: string;
  facts: () => PythonFacts;
}

/** What a distribution needs with some of its extras. */
type Needs = (extras: readonly string[]) => Requirement[];

function needsOf({ requires }: Chosen, facts: () => PythonFacts): Needs {
  const all = requires.map(parseRequirement);
  return (extras) => {
    const common = all.filter((one) => applies(one, facts));
    const more = extras.flatMap((extra) => all.filter((one) => applies(one, facts, [extra])));
    return [...new Set([...common, ...more])];
  };
}

/**
 * Throws `unpinned-version` for the first distribution without a pin that zc.buildout would come
 * to: first what is asked for, in order; then, from the last of it on, what that needs, breadth first.
 */
export function checkPins({ requirements, chosen, set, pins, asker, facts }: Question): void {
  const picked = new Map(chosen.map((one) => [normalizeName(one.name), one]));
  const needs = new Map<string, Needs>([
    ...set.members.map((one): [string, Needs] => [one.key, (extras) => one.requires(extras)]),
    ...chosen.map((one): [string, Needs] => [normalizeName(one.name), needsOf(one, facts)]),
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
  for (const root of roots) check(root);
  const queue = [...roots].reverse();
  const processed = new Set<string>();
  for (let one = queue.shift(); one !== undefined; one = queue.shift()) {
    const text = requirementText(one);
    if (processed.has(text)) continue;
    processed.add(text);
    check(one);
    queue.push(...(needs.get(one.key)?.(one.extras) ?? []).reverse());
  }
  // What an installer does not tell the needs of.
  for (const { name } of chosen) check(parseRequirement(name));
}
