import type { PythonFacts } from "../../config/conditions/facts.ts";
import { BuildoutError } from "../../errors/error.ts";
import { isFinal } from "../../pythonic/version.ts";
import type { Candidate, Demand, Environment } from "./environment.ts";
import { readNamespaceNeed } from "./namespaces.ts";
import { type Pins, versionConflict } from "./pins.ts";
import {
  allows,
  applies,
  isExact,
  normalizeName,
  parseRequirement,
  type Requirement,
  requirementText,
} from "./requirement.ts";

/** A requirement that the chosen distribution or its pin does not meet. */
interface Conflict {
  error: BuildoutError;
  /** Whether other versions cannot help: both sides are pinned or developed. */
  final: boolean;
}

/** A working set of installed distributions. */
export interface WorkingSet {
  /** In zc.buildout's order: direct requirements, then dependencies, breadth first. */
  members: Candidate[];
  /** All requirements found on the way. */
  demands: Demand[];
  /** Unsatisfied requirements. */
  missing: Demand[];
  /** Requirements with a choice of versions, so that there may be a newer one. */
  open: Demand[];
  conflicts: Conflict[];
  unknownExtras: { candidate: Candidate; extras: string[] }[];
}

export interface WorkingSetRequest {
  requirements: readonly string[];
  environment: Environment;
  pins: Pins;
  /** Normalized names that need not be installed. */
  provided: ReadonlySet<string>;
  preferFinal: boolean;
  /** The requester, for messages. */
  asker: string;
  facts: () => PythonFacts;
}

/** The best installed one: a develop package or the interpreter's own, then preferably a final version. */
function choose(
  candidates: readonly Candidate[],
  requirement: Requirement,
  preferFinal: boolean,
): Candidate | undefined {
  const fitting = candidates.filter(({ version }) => allows(requirement, version));
  const settled = fitting.find(({ developed, shared }) => developed || shared);
  if (settled) return settled;
  const final =
    preferFinal && !isExact(requirement) ? fitting.filter((c) => isFinal(c.version)) : [];
  return final[0] ?? fitting[0];
}

/**
 * Builds a working set from installed distributions, like zc.buildout's `Installer.install`. Throws
 * `invalid-requirement`. Over 80 lines, as the original: all steps of its loop work on the same few
 * collections.
 */
export function findInstalled(request: WorkingSetRequest): WorkingSet {
  const { environment, pins, provided, preferFinal, asker, facts } = request;
  const found: WorkingSet = {
    members: [],
    demands: [],
    missing: [],
    open: [],
    conflicts: [],
    unknownExtras: [],
  };
  const best = new Map<string, Candidate>();
  const absent = new Set<string>();

  const isSettled = (one: Candidate | undefined) =>
    one === undefined || one.developed || pins.isExact(one.key);
  const compare = (candidate: Candidate, demand: Demand) => {
    if (allows(demand.requirement, candidate.version)) return;
    const final = isSettled(candidate) && isSettled(demand.by);
    found.conflicts.push({ error: versionConflict(candidate, demand, asker), final });
  };
  const constrain = (demand: Demand): Requirement => {
    try {
      return pins.constrain(demand);
    } catch (error) {
      if (!(error instanceof BuildoutError)) throw error;
      found.conflicts.push({ error, final: isSettled(demand.by) });
      return demand.requirement;
    }
  };

  const add = (demand: Demand): Candidate | undefined => {
    const { requirement } = demand;
    const { key } = requirement;
    found.demands.push(demand);
    const known = best.get(key);
    if (known !== undefined) {
      compare(known, demand);
      return known;
    }
    const candidates = environment.candidates(key);
    // Excluded versions are not among them. The version is fixed: do not look for another.
    const own = candidates.find(({ developed }) => developed);
    const constrained = own && pins.isReadable(key) ? requirement : constrain(demand);
    const candidate = own ?? choose(candidates, constrained, preferFinal);
    if (own) compare(own, demand);
    if (candidate === undefined) {
      if (!absent.has(key)) found.missing.push({ ...demand, requirement: constrained });
      absent.add(key);
      return undefined;
    }
    if (!own && !candidate.shared && !isExact(constrained))
      found.open.push({ ...demand, requirement: constrained });
    best.set(key, candidate);
    found.members.push(candidate);
    const hasSetuptools = best.has("setuptools") || provided.has("setuptools");
    if (!hasSetuptools && readNamespaceNeed(candidate)) {
      add({ requirement: parseRequirement("setuptools"), by: candidate, implied: true });
    }
    return candidate;
  };

  const roots = request.requirements
    .map(parseRequirement)
    .filter((one) => applies(one, facts) && !provided.has(one.key))
    .map((requirement): Demand => ({ requirement, by: undefined }));
  for (const demand of roots) add(demand);

  const queue = [...roots].reverse();
  const processed = new Set<string>();
  for (let demand = queue.shift(); demand !== undefined; demand = queue.shift()) {
    const { requirement } = demand;
    const text = requirementText(requirement);
    if (provided.has(requirement.key) || processed.has(text)) continue;
    processed.add(text);
    const candidate = demand.by === undefined ? best.get(requirement.key) : add(demand);
    if (candidate === undefined) continue;
    const unknown = candidate.missingExtras(requirement.extras);
    if (unknown.length > 0) found.unknownExtras.push({ candidate, extras: unknown });
    const needs = candidate.requires(requirement.extras).reverse();
    queue.push(...needs.map((need) => ({ requirement: need, by: candidate })));
  }
  return found;
}

/** Names and versions of the members that require a distribution, sorted. */
export function requirersOf(set: WorkingSet, name: string): string[] {
  const key = normalizeName(name);
  const by = set.demands
    .filter(({ requirement, by }) => by !== undefined && requirement.key === key)
    .map((demand) => `${demand.by!.name} ${demand.by!.version}`);
  return [...new Set(by)].sort();
}
