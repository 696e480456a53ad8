/**
 * zc.buildout uses a pre-release if no final version matches. pip and uv refuse that for ranges, so they
 * run again with pre-releases allowed for those projects.
 */
import { isFinal } from "../../../pythonic/version.ts";
import { allows, normalizeName, type Requirement } from "../requirement.ts";
import type { Assignment, InstallerFailure } from "./installer.ts";
import { conflictSides, unmatched } from "./pip-output.ts";

/** A constraint that excludes nothing but names a pre-release, which allows all of them. */
function allowing(key: string): string {
  return `${key}>=0.dev0`;
}

/** The constraints of an assignment, with these projects' pre-releases. */
export function withPrereleases(assignment: Assignment, keys: Iterable<string>): Assignment {
  return { ...assignment, constraints: [...assignment.constraints, ...[...keys].map(allowing)] };
}

/** Unsatisfied projects of an installer, with all their requirements, if reported. */
function refusals({ output }: InstallerFailure): Map<string, Requirement[]> {
  const none = unmatched(output)?.requirement;
  const sides = conflictSides(output, "").map(({ requirement }) => requirement);
  const found = new Map<string, Requirement[]>();
  for (const one of none ? [none, ...sides] : sides) {
    found.set(one.key, [...(found.get(one.key) ?? []), one]);
  }
  return found;
}

/**
 * The projects for which only pre-releases meet the requirements. `versions`: the available ones; `pinned`:
 * a project's pin.
 */
export async function needingPrereleases(
  failure: InstallerFailure,
  pinned: (key: string) => readonly string[],
  versions: (name: string) => Promise<readonly string[]>,
): Promise<string[]> {
  if (failure.installer === "uv") {
    const names = failure.output.matchAll(/[Pp]re-releases are available for `?([\w.-]+)/g);
    return [...names].map(([, name = ""]) => normalizeName(name));
  }
  const found: string[] = [];
  for (const [key, requirements] of refusals(failure)) {
    const specifiers = [...requirements.flatMap((one) => one.specifiers), ...pinned(key)];
    const published = unmatched(failure.output)?.published ?? [];
    const all = published.length > 0 ? published : await versions(requirements[0]!.name);
    const fitting = all.filter((version) => allows({ specifiers }, version));
    if (fitting.length > 0 && !fitting.some(isFinal)) found.push(key);
  }
  return found;
}
