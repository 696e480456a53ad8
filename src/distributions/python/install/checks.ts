import { BuildoutError } from "../../../errors/error.ts";
import type { EngineEvent } from "../../../events/engine.ts";
import type { Reporter } from "../../../events/reporter.ts";
import { repr } from "../../../pythonic/text.ts";
import { meets } from "../../../pythonic/version.ts";
import type { Candidate } from "../environment.ts";
import type { Interpreter } from "../interpreter.ts";
import type { Pins } from "../pins.ts";
import { allows, isExact, requirementText } from "../requirement.ts";
import { requirersOf, type WorkingSet } from "../working-set.ts";

/** The error for a missing distribution when nothing may be installed, in zc.buildout's words. */
export function missingOffline({ missing }: WorkingSet, asker: string): BuildoutError {
  const [{ requirement, by }] = missing as [WorkingSet["missing"][number]];
  const requirer = by ? `${by.name} ${by.version}` : asker;
  return new BuildoutError(
    "offline",
    `We don't have a distribution for ${requirementText(requirement)}\n` +
      "and can't install one in offline (no-install) mode.\n",
    {
      while: [getting(requirementText(requirement))],
      hint: `${requirer} requires it. Run once without -o (offline = false).`,
    },
  );
}

/** zc.buildout's rule for extras that a distribution does not have. Throws `unknown-extra`. */
export function checkExtras(
  { unknownExtras }: WorkingSet,
  allowUnknown: boolean,
  report: Reporter<EngineEvent>,
): void {
  for (const { candidate, extras } of unknownExtras) {
    for (const extra of extras) {
      const message = `${candidate.name} ${candidate.version} does not provide the extra '${extra}'`;
      report({ type: "warning", code: "unknown-extra", message });
    }
  }
  if (unknownExtras.length === 0 || allowUnknown) return;
  throw new BuildoutError(
    "unknown-extra",
    "Couldn't find the required extra. This means the requirement is incorrect. If the " +
      "requirement is itself from software you requested, then there might be a bug in requested " +
      "software. You can ignore this by using 'allow-unknown-extras=true', however that may simply " +
      "cause needed software to be omitted.",
  );
}

/** Whether other versions of a member would have been possible. */
export function isPicked({ demands }: WorkingSet, member: Candidate, pins: Pins): boolean {
  if (member.developed || member.shared || pins.isExact(member.key)) return false;
  return !demands.some(
    ({ requirement }) =>
      requirement.key === member.key && isExact(requirement) && allows(requirement, member.version),
  );
}

/** Every version must be pinned. Throws `unpinned-version`. */
export function checkPicked(set: WorkingSet, pins: Pins, asker: string): void {
  const picked = set.members.find((member) => isPicked(set, member, pins));
  if (picked === undefined) return;
  const requirers = requirersOf(set, picked.name);
  const first = set.demands.find(({ requirement }) => requirement.key === picked.key);
  const by = requirers.length > 0 ? requirers : [asker];
  const text = first && requirementText(first.requirement);
  throw unpinned(picked.name, picked.version, by, text);
}

/** zc.buildout's `While:` line for a requirement. */
export function getting(requirement: string): string {
  return `Getting distribution for ${repr(requirement)}.`;
}

/** The error for a picked version when none may be picked, in zc.buildout's words. */
export function unpinned(
  name: string,
  version: string,
  by: readonly string[],
  requirement = name,
): BuildoutError {
  return new BuildoutError(
    "unpinned-version",
    `Picked: ${name} = ${version}\n\nThe \`${name}\` egg does not have a version pin and ` +
      "`allow-picked-versions = false`.\n\nTo resolve this, add\n\n" +
      `    ${name} = ${version}\n\nto the [versions] section,\n\n` +
      "OR set `allow-picked-versions = true`.",
    { while: [getting(requirement)], hint: `It is required by ${by.join(", ")}.` },
  );
}

/** Throws `wrong-interpreter` for a develop package that does not support this Python. */
export function checkInterpreter(
  { members }: WorkingSet,
  { facts, executable }: Interpreter,
): void {
  for (const { developed, name, requiresPython, location } of members) {
    if (!developed || requiresPython === undefined) continue;
    const version = facts().versionInfo.slice(0, 3).join(".");
    const specifiers = requiresPython.split(",").map((one) => one.trim());
    if (specifiers.every((one) => meets(version, one) !== false)) continue;
    throw new BuildoutError(
      "wrong-interpreter",
      `${name} in ${location} requires Python ${requiresPython}, but ${executable} is Python ${version}.`,
      { hint: "Choose another interpreter with 'executable' in [buildout] or 'python = SECTION'." },
    );
  }
}
